import { readFileSync } from 'node:fs';

import { SluiceError } from '@sluice/sdk';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';

/** Where the bytes of an asset come from. `path` is inside the package. */
export type AssetOrigin =
  { readonly npm: string; readonly path: string } | { readonly url: string } | { readonly plugin: string; readonly path: string };

/** One entry of the lock file. */
export interface Asset {
  readonly name: string;
  readonly origin: AssetOrigin;
  /** Of the file itself, 64 hexadecimal digits: this is what the asset is. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** SPDX expression. */
  readonly licence: string;
  /** What it is for, such as `model` or `data`; `--restage-<category>` fetches these again. */
  readonly category: string;
  /** The command that makes this file from its sources. */
  readonly recipe?: string;
}

/** What `assets.lock.yaml` says: every asset with origin, checksum, size and licence. */
export interface AssetLock {
  /** The lock file; plugins are looked for from its folder. */
  readonly file: string;
  readonly assets: ReadonlyMap<string, Asset>;
}

type Path = readonly (string | number)[];
interface Fault {
  readonly path: Path;
  readonly message: string;
}

const NAME = /^[a-z0-9][a-z0-9_-]*$/;
const PACKAGE = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
const EXACT = /^(.+)@(\d+\.\d+\.\d+(?:[-+][0-9a-z.-]+)?)$/i;
const REQUIRED = ['origin', 'sha256', 'size', 'licence', 'category'] as const;
const KNOWN: readonly string[] = [...REQUIRED, 'recipe'];

/**
 * Reads and checks a lock file; every fault in it is named with line and column.
 * @throws SluiceError ASSET_LOCK_NOT_FOUND, ASSET_LOCK_INVALID (the faults in `details`), ASSET_LOCK_VERSION
 */
export function loadLock(file: string): AssetLock {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SluiceError('ASSET_LOCK_NOT_FOUND', `The asset lock ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      hint: 'Run the command in the folder that has assets.lock.yaml, or name the file.',
      cause,
    });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [syntax] = document.errors;
  if (syntax) throw invalid([`${at(syntax.pos[0])} ${syntax.message}`]);

  // An alias bomb is refused by the parser here, as a fault of the file.
  let value: unknown;
  try {
    value = document.toJS();
  } catch (cause) {
    throw invalid([`${at(0)} ${(cause as Error).message}`]);
  }
  if (!isRecord(value)) throw invalid([`${at(0)} A lock file has the keys version and assets.`]);
  if (value['version'] !== 1) {
    throw new SluiceError(
      'ASSET_LOCK_VERSION',
      `${at(offsetOf(document, ['version']))} This lock file has version ${String(value['version'])}; known is 1.`,
      {
        hint: 'Update Sluice, or restore the file from version control.',
      },
    );
  }
  const faults = isRecord(value['assets'])
    ? Object.entries(value['assets']).flatMap(([name, entry]) => faultsOf(name, entry))
    : [{ path: ['assets'], message: 'assets must be a map of names.' }];
  if (faults.length > 0) throw invalid(faults.map((fault) => `${at(offsetOf(document, fault.path))} ${fault.message}`));
  const entries = value['assets'] as Readonly<Record<string, Omit<Asset, 'name'>>>;
  return { file, assets: new Map(Object.entries(entries).map(([name, entry]) => [name, Object.freeze({ ...entry, name })])) };
}

/** `name` and `version` of an npm origin. */
function packageOf(spec: string): { readonly name: string; readonly version: string } {
  const [, name = '', version = ''] = EXACT.exec(spec) ?? [];
  return { name, version };
}

function invalid(faults: readonly string[]): SluiceError {
  return new SluiceError('ASSET_LOCK_INVALID', faults.join('\n'), {
    hint: 'Mend the lines named, or restore the file from version control.',
    details: { faults },
  });
}

/** Where a path begins in the text; of a missing key, where its parent does. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const map = length === 1 ? document.contents : parent;
    const pair = isMap(map) ? map.items.find((item) => String(item.key) === String(path[length - 1])) : undefined;
    const range = (pair?.key as { range?: readonly [number, number, number] } | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultsOf(name: string, entry: unknown): Fault[] {
  const path = ['assets', name];
  const faults: Fault[] = [];
  const check = (good: boolean, key: string, message: string): void => {
    if (!good) faults.push({ path: [...path, key], message: `${name}: ${message}` });
  };
  if (!NAME.test(name)) faults.push({ path, message: `${name}: a name has small letters, digits, - and _.` });
  if (!isRecord(entry)) return [...faults, { path, message: `${name}: must be a map.` }];
  for (const key of Object.keys(entry)) check(KNOWN.includes(key), key, `${key} is not a key of an asset.`);
  for (const key of REQUIRED) check(entry[key] !== undefined, key, `${key} is missing.`);
  const given = (key: string, good: (value: unknown) => boolean, message: string): void =>
    check(entry[key] === undefined || good(entry[key]), key, message);
  given('sha256', (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'sha256 must be 64 hexadecimal digits.');
  given('size', (value) => Number.isSafeInteger(value) && (value as number) > 0, 'size must be a number of bytes.');
  given('licence', isText, 'licence must be text.');
  given('category', (value) => isText(value) && NAME.test(value), 'category must be a name.');
  given('recipe', isText, 'recipe must be text.');
  given('origin', isOrigin, 'origin must be { npm: name@1.2.3, path }, { url } or { plugin, path }; a path is relative and stays inside.');
  return faults;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

function isOrigin(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { npm, plugin, url, path } = value;
  const inside = isText(path) && !/(?:^[/\\]|^[a-z]:|\\|(?:^|\/)\.\.?(?:\/|$))/i.test(path);
  switch (Object.keys(value).sort().join()) {
    case 'npm,path':
      return inside && isText(npm) && PACKAGE.test(packageOf(npm).name);
    case 'path,plugin':
      return inside && isText(plugin) && PACKAGE.test(plugin);
    case 'url':
      return isText(url) && /^https?:\/\//.test(url) && URL.canParse(url);
    default:
      return false;
  }
}
