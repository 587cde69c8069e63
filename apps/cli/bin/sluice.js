#!/usr/bin/env node
'use strict';
// The one way in. Runs the build where there is one that is not older than the sources, else the sources, in this very process: signals
// reach the program itself, and a worker or child that it starts is its own.
const { existsSync, readdirSync, readFileSync, statSync } = require('node:fs');
const { dirname, join } = require('node:path');

const HERE = join(__dirname, '..');
const ROOT = join(HERE, '..', '..');
const BUILT = join(HERE, 'dist', 'main.js');
const CONDITION = '@sluice/source';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `error NODE_TOO_OLD: Sluice needs Node 20.19 or newer, this is ${process.versions.node}.\n  hint: Get it from https://nodejs.org.\n`,
  );
  process.exit(4);
}

/** Newest change of a TypeScript file below a folder, tests left out. */
function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, newest(path));
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts')) latest = Math.max(latest, statSync(path).mtimeMs);
  }
  return latest;
}

/** Whether this is a checkout (a published package has no workspace around it) with a package that is not built, or changed since. */
function sourcesAreNewer() {
  if (!existsSync(join(ROOT, 'tsconfig.base.json'))) return false;
  const names = ['sdk', 'graph', 'runtime', 'store', 'control', 'testing'].map((name) => join('libs', name));
  const plugins = readdirSync(join(ROOT, 'plugins')).map((name) => join('plugins', name));
  return [join('apps', 'cli'), ...names, ...plugins].some((name) => {
    const folder = join(ROOT, name);
    if (!existsSync(join(folder, 'src'))) return false;
    // tsc writes the first last, also where nothing had to be emitted; a plugin's build then writes what its nodes declare.
    const stamps = [join(folder, 'tsconfig.tsbuildinfo'), ...(plugins.includes(name) ? [join(folder, 'dist', 'catalogue.json')] : [])];
    if (!existsSync(join(folder, 'dist')) || !stamps.every((stamp) => existsSync(stamp))) return true;
    const changed = newest(join(folder, 'src'));
    return stamps.some((stamp) => changed > statSync(stamp).mtimeMs);
  });
}

/** What `node -C @sluice/source -r @swc-node/register` does, without a second process. */
function useSources() {
  // swc-node else reads the tsconfig.json of the working folder, which may be anywhere.
  process.env['SWC_NODE_PROJECT'] ??= join(ROOT, 'tsconfig.base.json');
  const register = require.resolve('@swc-node/register', { paths: [ROOT] });
  require(register);
  const Module = require('node:module');
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, ...rest) {
    const source = request.startsWith('@sluice/') ? sourceOf(request) : undefined;
    return source ?? resolve.call(this, request, ...rest);
  };
  // Workers and forked children take their options from here.
  process.execArgv.push('-C', CONDITION, '-r', register);
}

/** The file that a package of ours names for its sources, or undefined. */
function sourceOf(request) {
  const [scope, name, ...rest] = request.split('/');
  if (rest[0] === 'package.json') return undefined;
  const manifest = require.resolve(`${scope}/${name}/package.json`, { paths: [ROOT] });
  const target = JSON.parse(readFileSync(manifest, 'utf8')).exports[rest.length === 0 ? '.' : `./${rest.join('/')}`];
  return target?.[CONDITION] === undefined ? undefined : join(dirname(manifest), target[CONDITION]);
}

// Node 22 keeps compiled code between starts; older ones do not know it.
require('node:module').enableCompileCache?.();

let entry = BUILT;
if (!existsSync(BUILT) || sourcesAreNewer()) {
  useSources();
  entry = join(HERE, 'src', 'main.ts');
} else {
  require('./vendor').useVendor(join(HERE, 'dist'), ROOT);
}
void require(entry).main(process.argv.slice(2));
