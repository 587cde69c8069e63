import { nearest } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lazy } from './lazy';

/** A plugin that a project names: its package, and the versions that will do. */
export interface PluginRequest {
  readonly name: string;
  readonly range: string | undefined;
}

/** What `sluice.config.yaml` says. */
export interface ProjectConfig {
  /** The file; undefined where there is none. */
  readonly file: string | undefined;
  /** Packages are looked for from here. */
  readonly folder: string;
  readonly plugins: readonly PluginRequest[];
  /** Packages (`name`, `@scope/name`) and whole scopes (`@scope`) whose code may be loaded. */
  readonly allowed: readonly string[];
}

const FILE = 'sluice.config.yaml';
const KEYS = ['version', 'plugins', 'allow_plugins'];
const PART = '[a-z0-9][a-z0-9._-]*';
const PACKAGE = new RegExp(`^(@${PART}/)?${PART}$`);
const SCOPE = new RegExp(`^@${PART}$`);

/**
 * The project's own settings: `sluice.config.yaml` of the working folder, or the file that SLUICE_CONFIG names. SLUICE_ALLOW_PLUGINS (names
 * with commas between) takes the place of `allow_plugins`.
 * @throws SluiceError CONFIG_FILE_INVALID
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ProjectConfig {
  const file = resolve(env['SLUICE_CONFIG'] ?? FILE);
  const there = existsSync(file);
  if (!there && env['SLUICE_CONFIG'] !== undefined) throw invalid(file, 'is named by SLUICE_CONFIG and is not there', 'Correct the path.');
  const value = there ? parse(file) : {};
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    const near = nearest(unknown, KEYS);
    throw invalid(
      file,
      `has an unknown key \`${unknown}\``,
      near === undefined ? `Known are ${KEYS.join(', ')}.` : `Did you mean ${near}?`,
    );
  }
  if (there && value['version'] !== 1) throw invalid(file, 'does not say `version: 1`', 'Write it as the first line.');
  const fromEnv = env['SLUICE_ALLOW_PLUGINS'];
  const allowed = fromEnv === undefined ? list(file, value, 'allow_plugins') : fromEnv.split(',').map((name) => name.trim());
  return {
    file: there ? file : undefined,
    folder: dirname(file),
    plugins: list(file, value, 'plugins').map((text) => request(file, text)),
    allowed: allowed.filter((name) => name !== '').map((text) => pattern(fromEnv === undefined ? file : 'SLUICE_ALLOW_PLUGINS', text)),
  };
}

/** Whether code of a package may be loaded: it is named, or its scope is. A name that merely begins the same is another package. */
export function allows(allowed: readonly string[], name: string): boolean {
  return allowed.some((one) => one === name || (one.startsWith('@') && !one.includes('/') && name.startsWith(`${one}/`)));
}

function parse(file: string): Readonly<Record<string, unknown>> {
  const { parse } = lazy('yaml');
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw invalid(file, `is not valid YAML: ${(error as Error).message}`, 'Correct it at that place.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(file, 'is no mapping', `Write ${KEYS.join(', ')} as its keys.`);
  return value as Readonly<Record<string, unknown>>;
}

function list(file: string, value: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  const found = value[key] ?? [];
  if (Array.isArray(found) && found.every((one): one is string => typeof one === 'string')) return found;
  throw invalid(file, `has \`${key}\` that is no list of names`, `Write \`${key}:\` and below it \`  - name\`, one a line.`);
}

function request(file: string, text: string): PluginRequest {
  const at = text.indexOf('@', 1);
  const name = at < 0 ? text : text.slice(0, at);
  if (!PACKAGE.test(name))
    throw invalid(file, `names the plugin ${text}, which is no package name`, 'Write sluice-plugin-x, or @scope/name@^1.2.');
  return { name, range: at < 0 ? undefined : text.slice(at + 1) };
}

function pattern(where: string, text: string): string {
  const plain = text.endsWith('/*') && text.startsWith('@') ? text.slice(0, -2) : text;
  if (PACKAGE.test(plain) || SCOPE.test(plain)) return plain;
  throw invalid(
    where,
    `allows ${text}, which is neither a package nor a scope`,
    'Write a whole package name, or @scope for all of its packages.',
  );
}

function invalid(file: string, what: string, hint: string): SluiceError {
  return new SluiceError('CONFIG_FILE_INVALID', `${file} ${what}.`, { hint });
}
