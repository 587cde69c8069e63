// Run by npm before and after a package is packed, in the package's folder: each one carries the licence, and a README that says
// what it is where it has none of its own. Both are of one source, so they are made for the package and not kept in it.
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MADE = '<!-- Made when the package was packed. -->';
const [step] = process.argv.slice(2);

if (step === 'before') before();
else if (step === 'after') after();
else {
  console.error('usage: node tools/pack.mjs before|after, in the folder of a package');
  process.exitCode = 2;
}

function before() {
  copyFileSync(join(ROOT, 'LICENSE'), 'LICENSE');
  if (existsSync('README.md')) return;
  const { name, description, license } = JSON.parse(readFileSync('package.json', 'utf8'));
  writeFileSync(
    'README.md',
    `${MADE}

# ${name}

${description}

\`\`\`
npm install ${name}
\`\`\`

Part of Sluice, which runs typed dataflow graphs on RxJS. Its guide and reference are in the folder \`docs\` of the repository.

Licence: ${license}, see LICENSE.
`,
  );
}

function after() {
  rmSync('LICENSE', { force: true });
  if (existsSync('README.md') && readFileSync('README.md', 'utf8').startsWith(MADE)) rmSync('README.md');
}
