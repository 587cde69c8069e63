// Lints pieces of code as if they stood in a file: [{ file, code }] on stdin, the messages of each on stdout. Jest cannot load ESLint's configuration.
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const root = resolve(import.meta.dirname, '../..');
const eslint = new ESLint({ cwd: root });
const results = [];
for (const { file, code } of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(code, { filePath: resolve(root, file) });
  results.push(result ? result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`) : ['ignored']);
}
process.stdout.write(JSON.stringify(results));
