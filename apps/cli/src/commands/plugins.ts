import { choice, flag, list, map, shape, text } from '@sluice/control/schemas';
import type { ContractCase } from '@sluice/testing';
import type { Plugin } from '@sluice/sdk';
import { SluiceError } from '@sluice/sdk/catalogue';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { readConfig } from '../config-file';
import { EXIT, usage, type Exit } from '../exit';
import { shown } from '../graph-file';
import { loadFrom, packageOf, plugins, type Found } from '../plugins';
import type { Terminal } from '../terminal';
import { lazy } from '../lazy';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  'plugins list': shape({
    ok: flag,
    plugins: list(shape({ package: text, version: text, from: choice('bundled', 'project'), pack: text, nodes: list(text) })),
    refused: list(shape({ package: text, code: text, message: text })),
  }),
  'plugins check': shape({
    ok: flag,
    packages: list(
      shape({
        ok: flag,
        package: text,
        version: text,
        findings: list(shape({ rule: text, of: text, text, ok: flag, 'message?': text })),
        unrun: map(text),
      }),
    ),
  }),
  'plugins docs': shape({ ok: flag, 'stale?': list(text), 'written?': list(text) }),
};

/** Longest time that one check may take, ms: one that hangs is one that fails. */
const CASE_MS = 30_000;

/** `sluice plugins list`: exit 4 where one that is asked for is not there. */
export async function listPlugins(terminal: Terminal): Promise<Exit> {
  const { plugins: found, refused } = plugins();
  const rows = found.map(({ package: name, version, from, catalogue }) => ({
    package: name,
    version,
    from,
    pack: catalogue.plugin,
    nodes: catalogue.nodes.map(({ type }) => type),
  }));
  const failed = refused.map(({ package: name, error: { code, message } }) => ({ package: name, code, message }));
  if (terminal.json) terminal.object({ ok: failed.length === 0, plugins: rows, refused: failed });
  else {
    const list = rows.map(({ package: name, version, from, nodes }) => [name, version, from, nodes.join(', ')]);
    for (const row of terminal.table([...list, ...failed.map(({ package: name, code }) => [name, '', 'refused', code])])) terminal.out(row);
  }
  return failed.length === 0 ? EXIT.ok : EXIT.preflight;
}

interface Finding {
  readonly rule: string;
  readonly of: string;
  readonly text: string;
  readonly ok: boolean;
  readonly message?: string;
}

/** What `sluice plugins check` found of one package. */
interface Verdict {
  readonly ok: boolean;
  readonly package: string;
  readonly version: string;
  readonly findings: readonly Finding[];
  /** Node types that its package.json says cannot run anywhere, and why. */
  readonly unrun: Readonly<Record<string, string>>;
}

/** `sluice plugins check`: the rules of docs/spec for packages, by name or folder. Exit 1 where one fails. */
export async function checkPlugins(terminal: Terminal, targets: readonly string[]): Promise<Exit> {
  const verdicts: Verdict[] = [];
  for (const target of targets) {
    const one = await verdictOn(terminal, target);
    verdicts.push(one);
    if (!terminal.json) tell(terminal, one);
  }
  const ok = verdicts.every((one) => one.ok);
  if (terminal.json) terminal.object({ ok, packages: verdicts });
  return ok ? EXIT.ok : EXIT.failed;
}

function tell(terminal: Terminal, { package: name, version, findings, unrun }: Verdict): void {
  const failed = findings.filter(({ ok }) => !ok);
  for (const { rule, of, text, message } of failed) {
    terminal.out(`${terminal.paint('red', `fails ${rule}`, process.stdout)}  ${of}: ${text}`);
    for (const row of terminal.table([['    ', message ?? '']])) terminal.out(row);
  }
  for (const [type, why] of Object.entries(unrun)) terminal.note(`Not run: ${type}, ${why}.`);
  terminal.out(`${name} ${version}: ${findings.length - failed.length} passed, ${failed.length} failed`);
}

async function verdictOn(terminal: Terminal, target: string): Promise<Verdict> {
  const { contractSuite, packageContract, packageSuite } = testing();
  const { folder, name, version } = locate(target);
  const findings: Finding[] = [];
  let plugin: Plugin | undefined;
  const unmute = mute();
  try {
    plugin = loadFrom(name, createRequire(join(folder, 'package.json')));
  } catch (thrown) {
    const { message } = SluiceError.from(thrown, 'PLUGIN_FAILED');
    findings.push({ rule: 'PLUGIN-1', of: name, text: 'can be loaded', ok: false, message });
  } finally {
    unmute();
  }
  const given = packageContract(folder);
  const cases = [...packageSuite(folder, plugin), ...(plugin === undefined ? [] : contractSuite(plugin, given))];
  for (const [i, one] of cases.entries()) {
    terminal.progress(`${i + 1} of ${cases.length}: ${one.name}`);
    if (plugin === undefined && (one.rule === 'PLUGIN-1' || one.rule === 'PLUGIN-4')) continue;
    findings.push(await tried(one));
  }
  terminal.progressEnd();
  return { ok: findings.every(({ ok }) => ok), package: name, version, findings, unrun: given.unrun ?? {} };
}

/** `sluice plugins docs`: writes dist/catalogue.json and the nodes' part of the README of a package that is built. */
export async function documentPlugin(terminal: Terminal, target: string, options: { check?: true }): Promise<Exit> {
  const { writeReadme } = testing();
  const { folder, name } = locate(target);
  const { catalogueOf } = lazy('@sluice/sdk');
  const catalogue = catalogueOf(loadFrom(name, createRequire(join(folder, 'package.json'))));
  const readme = join(folder, 'README.md');
  const before = existsSync(readme) ? readFileSync(readme, 'utf8') : `# ${name}\n`;
  const files: readonly (readonly [string, string])[] = [
    [join(folder, 'dist', 'catalogue.json'), `${JSON.stringify(catalogue, null, 2)}\n`],
    [readme, writeReadme(before, catalogue)],
  ];
  const stale = files.filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  const names = stale.map(([file]) => shown(file));
  if (options.check !== true) {
    mkdirSync(join(folder, 'dist'), { recursive: true });
    for (const [file, text] of stale) {
      // Renamed into place: a reader sees the old file or the new one.
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    }
  }
  const ok = options.check !== true || stale.length === 0;
  if (terminal.json) terminal.object({ ok, [options.check === true ? 'stale' : 'written']: names });
  else if (names.length > 0) terminal.note(options.check === true ? `Out of date: ${names.join(', ')}.` : `Wrote ${names.join(', ')}.`);
  return ok ? EXIT.ok : EXIT.failed;
}

async function tried(one: ContractCase): Promise<Finding> {
  const text = one.name.replace(`${one.type} `, '').replace(/ \([A-Z]+-\d+\)$/, '');
  const base = { rule: one.rule, of: one.type, text };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`It did not end within ${CASE_MS / 1000} s.`)), CASE_MS);
  });
  const unmute = mute();
  try {
    await Promise.race([one.run(), late]);
    return { ...base, ok: true };
  } catch (thrown) {
    return { ...base, ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  } finally {
    clearTimeout(timer);
    unmute();
  }
}

/** Standard output is for what was asked for: what the code of a plugin prints goes nowhere until the function given is called. */
function mute(): () => void {
  const write = process.stdout.write;
  process.stdout.write = ((_text: unknown, ...rest: readonly unknown[]) => {
    (rest.find((each) => typeof each === 'function') as (() => void) | undefined)?.();
    return true;
  }) as typeof process.stdout.write;
  return () => void (process.stdout.write = write);
}

/** A plugin of the list, a package that is installed in the project, or a folder. */
function locate(target: string): Pick<Found, 'folder' | 'version'> & { readonly name: string } {
  if (existsSync(join(target, 'package.json'))) {
    const folder = resolve(target);
    const { name, version = '0.0.0' } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: string;
      version?: string;
    };
    if (name === undefined) throw usage(`${target}/package.json has no name.`, 'Give it one.');
    return { folder, name, version };
  }
  if (/^[./]/.test(target))
    throw usage(`${target} is no folder of a package.`, 'Name a package that is installed, or a folder with a package.json.');
  const listed = plugins().plugins.find(({ package: name, catalogue }) => name === target || catalogue.plugin === target);
  if (listed !== undefined) return { folder: listed.folder, name: listed.package, version: listed.version };
  const { folder, manifest } = packageOf(target, createRequire(join(readConfig().folder, 'package.json')));
  return { folder, name: target, version: manifest.version ?? '0.0.0' };
}

function testing(): typeof import('@sluice/testing') {
  return lazy('@sluice/testing');
}
