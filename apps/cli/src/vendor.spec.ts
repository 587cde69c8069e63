import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VENDOR = join(__dirname, '..', 'bin', 'vendor.js');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-vendor-'));
  const one = join(root, 'node_modules', 'one');
  mkdirSync(one, { recursive: true });
  mkdirSync(join(root, 'dist'));
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{"one":"1.0.0"}');
  writeFileSync(join(one, 'index.js'), 'exports.from = "file";');
  writeFileSync(join(root, 'app.js'), 'module.exports = [require("one").from, require("one") === require("./node_modules/one/index.js")];');
  writeFileSync(join(root, 'dist', 'vendor.js'), 'exports.one = () => ({ from: "bundle" });');
  node(
    `require('fs').writeFileSync('dist/vendor.json', JSON.stringify({ stamp: v.stampOf('.'), files: { one: 'node_modules/one/index.js' } }))`,
  );
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function node(code: string): string {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', `const v = require(${JSON.stringify(VENDOR)}); ${code}`], { cwd: root });
  return String(stdout) + String(stderr);
}
const load = (): string => node(`v.useVendor(process.cwd() + '/dist', process.cwd()); console.log(require('./app.js').join())`);

it('gives everybody the one copy of a package that is in the bundle', () => {
  expect(load()).toBe('bundle,true\n');
});

it('is not used after an install of other versions, with broken compiled code is compiled anew, and without a bundle files are read', () => {
  writeFileSync(join(root, 'dist', 'vendor.cache'), 'what V8 does not know');
  expect(load()).toBe('bundle,true\n');
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), '{"one":"1.0.1"}');
  expect(load()).toBe('file,true\n');
  rmSync(join(root, 'dist', 'vendor.json'));
  expect(load()).toBe('file,true\n');
});
