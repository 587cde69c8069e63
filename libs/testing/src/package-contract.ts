import { catalogueOf, configClass, configIssues, configSchema, nodeSpec, type JsonSchema, type Plugin } from '@sluice/sdk';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ContractCase, ContractOptions } from './contract';
import { readmeNodes, readmePart } from './readme';

/** What a package says of its nodes' tests in `sluice.contract` of its package.json: plain data. */
export type PackageContract = Pick<ContractOptions, 'inputs' | 'config' | 'unrun'>;

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly sluice?: { readonly contract?: PackageContract };
}

/** Longest time that loading a package may take in a process of its own. */
const LOAD_MS = 20_000;
const ENTRIES = ['.', './catalogue', './package.json'];

/**
 * The rules of docs/spec/plugin.md for a package that is built: what it exports, says and does when it is loaded.
 * @param folder of its package.json
 * @param plugin what it exports, as far as it could be loaded
 */
export function packageSuite(folder: string, plugin: Plugin | undefined): readonly ContractCase[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const name = manifest.name ?? folder;
  const add = (rule: string, text: string, run: () => void | Promise<void>, type = name): ContractCase => ({
    name: `${type} ${text} (${rule})`,
    rule,
    type,
    run,
  });
  const load = (): Readonly<Record<string, unknown>> =>
    createRequire(join(folder, 'package.json'))(name) as Readonly<Record<string, unknown>>;
  return [
    add('PLUGIN-1', 'exports one plugin by a name', () => {
      const exported = load();
      must(!('default' in exported), 'It has a default export: name what it exports.');
      const made = Object.values(exported).filter((one) => Array.isArray((one as Partial<Plugin> | undefined)?.nodes));
      must(made.length === 1, `It exports ${made.length} plugins; a package has exactly one.`);
    }),
    add('PLUGIN-2', 'lists what it exports', () => {
      const entries = Object.keys((manifest.exports ?? {}) as object);
      for (const entry of ENTRIES) must(entries.includes(entry), `\`exports\` of its package.json has no "${entry}".`);
      for (const entry of entries) must(!entry.includes('*'), `\`exports\` opens all of ${entry}: list what is meant.`);
    }),
    add('PLUGIN-3', 'shares the SDK with its host, and needs nothing else of Sluice', () => {
      must(manifest.peerDependencies?.['@sluice/sdk'] !== undefined, '@sluice/sdk is not among its peerDependencies.');
      const own = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((one) => one.startsWith('@sluice/'));
      const more = own.filter((one) => one !== '@sluice/sdk');
      must(more.length === 0, `It depends on ${more.join(', ')}; a plugin needs @sluice/sdk, and in its tests @sluice/testing.`);
      must(manifest.dependencies?.['@sluice/sdk'] === undefined, '@sluice/sdk is among its dependencies: then it has a copy of its own.');
    }),
    add('PLUGIN-4', 'starts nothing and prints nothing when it is loaded', () => loads(folder, name)),
    ...(plugin === undefined ? [] : declared(folder, plugin, add)),
  ];
}

/** What `sluice.contract` of a package says. */
export function packageContract(folder: string): PackageContract {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest).sluice?.contract ?? {};
}

type Add = (rule: string, text: string, run: () => void | Promise<void>, type?: string) => ContractCase;

function declared(folder: string, plugin: Plugin, add: Add): ContractCase[] {
  const catalogue = catalogueOf(plugin);
  return [
    add('PLUGIN-5', 'has a catalogue that is what its code declares', () => {
      const file = join(folder, 'dist', 'catalogue.json');
      must(existsSync(file), 'dist/catalogue.json is not there: `sluice plugins docs` writes it.');
      must(
        same(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(catalogue))),
        'dist/catalogue.json is out of date: build again.',
      );
    }),
    add('PLUGIN-6', 'has a README that says what its code declares', () => {
      const file = join(folder, 'README.md');
      must(existsSync(file), 'README.md is not there: `sluice plugins docs` writes it.');
      const part = readmePart(readFileSync(file, 'utf8'));
      must(part !== undefined, 'README.md has no part on its nodes: `sluice plugins docs` writes it.');
      must(part === readmeNodes(catalogue), 'README.md is out of date: `sluice plugins docs` writes it.');
    }),
    ...plugin.nodes.map((cls) => {
      const spec = nodeSpec(cls);
      const config = configClass(spec);
      return add(
        'PLUGIN-7',
        'has a config whose fields have a type, and defaults that fit',
        () => {
          const fields = Object.entries((configSchema(config)['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>);
          for (const [field, schema] of fields)
            must(
              schema['type'] !== undefined || schema['enum'] !== undefined || schema['description'] !== undefined,
              `Nothing says what ${field} is.`,
            );
          const preset = fields.filter(([, schema]) => schema['default'] !== undefined).map(([field]) => field);
          const wrong = configIssues(config, {}).filter(({ path }) => preset.includes(path.split('.')[0]!));
          must(wrong.length === 0, `Its defaults do not fit: ${wrong.map(({ message }) => message).join('; ')}`);
        },
        spec.type,
      );
    }),
  ];
}

function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

/** Whether two values of JSON are the same, whatever the order of their keys. */
function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return one === other;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(other, key) && same((one as never)[key], (other as never)[key]))
  );
}

/** In a process of its own: only there can be seen that nothing goes on. */
function loads(folder: string, name: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [...process.execArgv, '-e', `require(${JSON.stringify(name)})`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const timer = setTimeout(() => child.kill('SIGKILL'), LOAD_MS);
    child.once('error', fail);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (signal !== null) fail(new Error('It goes on after it was loaded: a timer, a server or a socket was opened.'));
      else if (code !== 0)
        fail(
          new Error(
            said
              .trim()
              .split('\n')
              .find((line) => /^\w*Error/.test(line)) ?? `It ended with ${code}.`,
          ),
        );
      else if (out !== '') fail(new Error(`It prints when it is loaded: ${out.slice(0, 60).trim()}`));
      else done();
    });
  });
}
