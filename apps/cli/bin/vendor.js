'use strict';
// Starting takes a thousand small files of other people's packages: finding them takes longer than running them. The build puts them into
// one file with its compiled code beside it. Each package is one copy still: whoever asks for the file that Node finds gets this one.
const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { Script } = require('node:vm');

/** What is installed, as npm notes it: a bundle of other versions is not used. Undefined where npm notes nothing. */
function stampOf(root) {
  const file = join(root, 'node_modules', '.package-lock.json');
  return existsSync(file) ? createHash('sha1').update(readFileSync(file)).digest('hex') : undefined;
}

/** Compiles the bundle. */
function compile(folder) {
  const filename = join(folder, 'vendor.js');
  const cache = join(folder, 'vendor.cache');
  const code = readFileSync(filename, 'utf8');
  // Code of another version of Node is refused by V8, and compiled anew.
  const script = new Script(Module.wrap(code), { filename, ...(existsSync(cache) ? { cachedData: readFileSync(cache) } : {}) });
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, Module.createRequire(filename), bundle, filename, folder);
  return { script, packages: bundle.exports };
}

/**
 * Lets the packages of the bundle stand for their files. Without a bundle, or after another `npm install`, the files are read one by one.
 * @param folder of the bundle
 * @param root where node_modules is
 */
function useVendor(folder, root) {
  const manifest = join(folder, 'vendor.json');
  if (!existsSync(manifest)) return;
  const { stamp, files } = JSON.parse(readFileSync(manifest, 'utf8'));
  if (stamp === undefined || stamp !== stampOf(root)) return;
  const { packages } = compile(folder);
  for (const [name, file] of Object.entries(files)) {
    const path = join(root, file);
    const module = new Module(path);
    module.filename = path;
    module.loaded = true;
    let made;
    Object.defineProperty(module, 'exports', { enumerable: true, get: () => (made ??= packages[name]()) });
    Module._cache[path] = module;
  }
}

module.exports = { compile, stampOf, useVendor };
