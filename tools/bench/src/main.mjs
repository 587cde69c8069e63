// `npm run bench`: Sluice beside its peers. --help says what it takes.
import { parseArgs } from 'node:util';
import { experiments, ids } from './cases/index.mjs';
import { drive, WrongResult } from './drive.mjs';
import { build, commit, machine, stale } from './place.mjs';
import { installPeers } from './peers.mjs';
import { figure, json, markdown } from './table.mjs';

const HELP = `Measures Sluice beside its peers: paired, interleaved, medians.

  npm run bench -- [options]          npm run -s bench -- --json > result.json

  --only <id,...>   these cases only
  --quick           3 rounds instead of 7, and short overloads
  --rounds <n>      so many rounds
  --peers           with Node-RED, which is installed into a cache folder first
  --json            one object on stdout
  --list            the ids, and nothing is measured
  --verbose         progress, also where stderr is no terminal
`;

const EXIT = { ok: 0, failed: 1, usage: 2 };

async function main(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        peers: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return refuse(error.message);
  }
  if (values.help) return print(HELP);
  if (values.list) return print(values.json ? `${JSON.stringify({ cases: ids.map((id) => ({ id })) })}\n` : `${ids.join('\n')}\n`);
  const only = values.only === undefined ? undefined : new Set(values.only.split(',').filter((id) => id !== ''));
  const unknown = [...(only ?? [])].filter((id) => !ids.includes(id));
  if (unknown.length > 0) return refuse(`There is no case ${unknown.join(', ')}. --list shows all.`);
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
  if (!Number.isInteger(rounds) || rounds < 1) return refuse('--rounds takes a number from 1 on.');
  const say = progress(values.verbose);

  const packages = stale();
  if (packages.length > 0) {
    // Said everywhere: it takes longer than a case, and who ends it before it is over would have read nothing at all.
    process.stderr.write(`building ${packages.join(', ')}\n`);
    const fault = build(packages);
    if (fault !== undefined) return refuse(`The build failed:\n${fault}`, EXIT.failed);
  }
  const peers = values.peers ? installPeers(say) : undefined;
  const asked = experiments.filter(({ cases }) => cases.some(({ id }) => only === undefined || only.has(id)));
  try {
    const cases = await drive(asked, { rounds, options: { quick: values.quick, peers }, only, say });
    say('');
    const result = { machine: machine(), commit: commit(), rounds, cases };
    const faults = cases.filter(({ failed }) => failed !== undefined);
    for (const { id, failed } of faults) process.stderr.write(`${id}:\n${failed}\n`);
    await print(values.json ? `${JSON.stringify(json(result))}\n` : markdown(result));
    return faults.length > 0 ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (error instanceof WrongResult) return refuse(error.message, EXIT.failed);
    throw error;
  }
}

function progress(verbose) {
  const started = Date.now();
  if (process.stderr.isTTY && !verbose) return (text) => process.stderr.write(`\r\x1b[K${text}`);
  return verbose ? (text) => text !== '' && process.stderr.write(`${figure((Date.now() - started) / 1000)} s  ${text}\n`) : () => undefined;
}

function refuse(message, code = EXIT.usage) {
  process.stderr.write(`error: ${message}\n`);
  return code;
}

function print(text) {
  return new Promise((resolve) => process.stdout.write(text, () => resolve(EXIT.ok)));
}

process.exitCode = await main(process.argv.slice(2));
