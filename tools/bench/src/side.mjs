// One side of one round, in a process of its own: `node side.mjs <experiment> <side> <options as JSON>`. The last line of stdout is the result.
import { experiments } from './cases/index.mjs';
import { NotAvailable } from './measure.mjs';

const [name, side, options] = process.argv.slice(2);
const experiment = experiments.find((one) => one.name === name);
let result;
try {
  result = await experiment.sides[side](JSON.parse(options));
} catch (error) {
  if (error instanceof NotAvailable) result = { unavailable: error.message };
  else {
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exit(1);
  }
}
process.stdout.write(`\n${JSON.stringify(result)}\n`, () => process.exit(0));
