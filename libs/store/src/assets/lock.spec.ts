import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { SluiceError } from '@sluice/sdk';

import { loadLock } from './lock';

const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
const file = join(folder, 'assets.lock.yaml');
afterAll(() => rmSync(folder, { recursive: true }));

const SHA = 'a'.repeat(64);
const entry = (change: Record<string, string> = {}): string => {
  const keys = { origin: '{ npm: a@1.2.3, path: x/y.onnx }', sha256: SHA, size: '3', licence: 'MIT', category: 'model', ...change };
  return Object.entries(keys)
    .map(([key, value]) => `    ${key}: ${value}\n`)
    .join('');
};
function faultOf(text: string): SluiceError {
  writeFileSync(file, text);
  try {
    loadLock(file);
  } catch (error) {
    if (SluiceError.is(error)) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

it('reads an entry of each origin', () => {
  const url = entry({ origin: '{ url: "https://example.org/m.onnx" }' });
  const plugin = entry({ origin: '{ plugin: "@sluice/plugin-vision", path: models/m.onnx }', recipe: 'npm run x' });
  writeFileSync(file, `version: 1\nassets:\n  one:\n${entry()}  two:\n${url}  three:\n${plugin}`);
  const { assets } = loadLock(file);
  expect([...assets.keys()]).toEqual(['one', 'two', 'three']);
  expect(assets.get('one')).toEqual({
    name: 'one',
    origin: { npm: 'a@1.2.3', path: 'x/y.onnx' },
    sha256: SHA,
    size: 3,
    licence: 'MIT',
    category: 'model',
  });
  expect(assets.get('three')?.recipe).toBe('npm run x');
});

it('names line and column of broken YAML', () => {
  expect(faultOf('version: 1\nassets:\n  a: { origin: [\n')).toMatchObject({
    code: 'ASSET_LOCK_INVALID',
    message: expect.stringMatching(/assets\.lock\.yaml:\d+:\d+ /),
  });
  expect(faultOf('').message).toContain(`${file}:1:1 `);
});

it('refuses another version at its place', () => {
  expect(faultOf('# x\nversion: 7\nassets: {}\n')).toMatchObject({
    code: 'ASSET_LOCK_VERSION',
    message: expect.stringContaining(`${file}:2:1 `),
  });
});

it('names every fault at once, each where it is', () => {
  const { code, message } = faultOf(
    `version: 1\nassets:\n  one:\n${entry({ sha256: 'abc', size: '-1' })}  two:\n${entry({ colour: 'red' }).replace(/ {4}licence.*\n/, '')}`,
  );
  expect(code).toBe('ASSET_LOCK_INVALID');
  expect(message.split('\n')).toEqual([
    expect.stringMatching(/:5:5 one: sha256 /),
    expect.stringMatching(/:6:5 one: size /),
    expect.stringMatching(/:14:5 two: colour is not a key/),
    expect.stringMatching(/:9:3 two: licence is missing/),
  ]);
});

it.each([
  ['a range instead of a version', '{ npm: a@^1.0.0, path: x }'],
  ['a path that leaves the package', '{ npm: a@1.0.0, path: ../x }'],
  ['a path with a parent in its middle', '{ npm: a@1.0.0, path: x/../../y }'],
  ['an absolute path', '{ npm: a@1.0.0, path: /etc/passwd }'],
  ['a Windows path', "{ npm: a@1.0.0, path: 'C:\\x' }"],
  ['a shell word', '{ npm: "a;x@1.0.0", path: x }'],
  ['a file URL', '{ url: "file:///etc/passwd" }'],
  ['two origins', '{ npm: a@1.0.0, url: "https://x.org/", path: x }'],
])('refuses %s', (_what, origin) => {
  expect(faultOf(`version: 1\nassets:\n  one:\n${entry({ origin })}`).message).toContain(':4:5 one: origin must be');
});

it('says when there is no lock file', () => {
  expect(() => loadLock(join(folder, 'none.yaml'))).toThrow(expect.objectContaining({ code: 'ASSET_LOCK_NOT_FOUND' }));
});

it('accepts the lock file of this repository', () => {
  const { assets } = loadLock(resolve(__dirname, '../../../../assets.lock.yaml'));
  expect([...assets.keys()]).toEqual(expect.arrayContaining(['nanodet', 'ultraface', 'silero-vad', 'blazeface', 'sensor-series']));
});
