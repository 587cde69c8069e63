import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { SluiceError } from '@sluice/sdk';

import { fileName, placeOf, put, receive, sha256Of } from './intake';
import type { Asset, AssetLock } from './lock';
import { checkNpm, findNpm, packInto, type NpmCommand } from './npm';
import { readTarball } from './tarball';

/** `shipped`: it is in its plugin. `damaged`: there is a file, but not the one that the lock names. */
export type AssetState = 'missing' | 'staged' | 'shipped' | 'damaged';

/** An asset, and whether it is staged. */
export interface AssetStatus extends Asset {
  readonly state: AssetState;
  /** Where it is, or will be. */
  readonly place: string;
}

/** How far the staging of an asset has come. */
export interface AssetProgress {
  readonly name: string;
  readonly phase: 'fetch' | 'receive' | 'staged';
  /** Bytes so far, of `size`. */
  readonly bytes: number;
  readonly size: number;
}

/** What is to be staged, and how. */
export interface StageOptions {
  /** Uses what npm has in its cache and no network. */
  readonly offline?: boolean;
  /** Says what would be done and does nothing. */
  readonly dryRun?: boolean;
  /** Fetches again what is there: all, or those of a category. */
  readonly restage?: boolean | string;
  readonly onProgress?: (progress: AssetProgress) => void;
  /** Ends the npm child too; what is complete by then stays. */
  readonly signal?: AbortSignal;
}

/** What staging did with one asset. */
export interface StageResult {
  readonly name: string;
  /** `kept`: it was there and is right. */
  readonly action: 'kept' | 'staged' | 'would_stage';
  readonly place: string;
  readonly size: number;
}

/** Where assets are listed and kept. */
export interface AssetStoreOptions {
  readonly lock: AssetLock;
  /** Default: `assets` in SLUICE_HOME, else in `.sluice` of the working folder. */
  readonly root?: string;
  readonly npm?: NpmCommand;
  readonly fetch?: typeof fetch;
}

const LEFTOVER = /^\.tmp-(\d+)-/;
const LEFTOVER_MAX_MS = 24 * 60 * 60 * 1000;

/** Default folder of staged assets. */
export function assetRoot(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): string {
  return resolve(cwd, env['SLUICE_HOME'] ?? '.sluice', 'assets');
}

/** The assets of a lock file on this machine: what is there, where, and how to get the rest. */
export class AssetStore {
  readonly root: string;
  private readonly lock: AssetLock;
  private readonly npm: NpmCommand;
  private readonly fetch: typeof fetch;

  constructor({ lock, root = assetRoot(), npm = findNpm(), fetch: fetcher = fetch }: AssetStoreOptions) {
    this.lock = lock;
    this.root = root;
    this.npm = npm;
    this.fetch = fetcher;
  }

  /** Every asset of the lock, by name; cheap, so `damaged` is only what shows in the size. */
  list(): readonly AssetStatus[] {
    return [...this.lock.assets.values()].map((asset) => this.status(asset)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Where an asset is; undefined for one that is unknown or not staged. Touches the disk once. */
  path(name: string): string | undefined {
    const asset = this.lock.assets.get(name);
    if (!asset) return undefined;
    const { state, place } = this.status(asset);
    return state === 'staged' || state === 'shipped' ? place : undefined;
  }

  /**
   * As `list`, after reading every file there is and comparing its sha256.
   * @param names default: all of the lock
   * @throws SluiceError ASSET_UNKNOWN
   */
  async verify(names?: readonly string[], signal?: AbortSignal): Promise<readonly AssetStatus[]> {
    const checked: AssetStatus[] = [];
    for (const status of this.choose(names, false)) checked.push(await this.verified(status, signal));
    return checked;
  }

  /**
   * Fetches what is missing or damaged, verifies it and puts it in place in one step; killed at any moment, the old or the new file is
   * there. All that can be known to be wrong beforehand is said before anything is touched.
   * @param names default: all of the lock
   * @throws SluiceError ASSET_UNKNOWN, ASSET_CATEGORY_UNKNOWN, ASSET_SHIPPED_DAMAGED, ASSET_TOOL_MISSING, ASSET_OFFLINE, ASSET_NETWORK, ASSET_ORIGIN, ASSET_CHECKSUM, ASSET_WRITE, ASSET_ABORTED
   */
  async stage(names?: readonly string[], options: StageOptions = {}): Promise<readonly StageResult[]> {
    try {
      return await this.stageAll(names, options);
    } catch (error) {
      if (options.signal?.aborted) {
        throw new SluiceError('ASSET_ABORTED', 'Staging was interrupted; what was complete stays, nothing is half-written.', {
          hint: 'Stage again to get the rest.',
          retryable: true,
          cause: error,
        });
      }
      if (SluiceError.is(error)) throw error;
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== undefined && /^E[A-Z]+$/.test(code)) {
        throw new SluiceError('ASSET_WRITE', `An asset could not be written below ${this.root} (${code}).`, {
          hint: code === 'ENOSPC' ? 'The disk is full.' : 'Check the rights of that folder, or set SLUICE_HOME to one of your own.',
          cause: error,
        });
      }
      throw error;
    }
  }

  private async stageAll(names: readonly string[] | undefined, options: StageOptions): Promise<readonly StageResult[]> {
    const { signal, restage = false } = options;
    const chosen = this.choose(names, restage);
    const results: StageResult[] = [];
    const work: AssetStatus[] = [];
    for (const listed of chosen) {
      const again = restage === true || restage === listed.category;
      const status = await this.verified(listed, signal);
      const shipped = 'plugin' in listed.origin;
      if (shipped && status.state !== 'shipped') throw shippedDamaged(status);
      const { name, place, size } = status;
      const kept = shipped || (status.state === 'staged' && !again);
      if (!kept) work.push(status);
      results.push({ name, place, size, action: kept ? 'kept' : options.dryRun ? 'would_stage' : 'staged' });
    }
    if (options.offline) refuseUrls(work);
    if (work.some(({ origin }) => 'npm' in origin)) await checkNpm(this.npm, signal);
    if (!options.dryRun && work.length > 0) await this.fetchAll(work, options);
    return results;
  }

  private async fetchAll(work: readonly AssetStatus[], options: StageOptions): Promise<void> {
    await mkdir(this.root, { recursive: true });
    await this.sweep();
    const folder = await mkdtemp(join(this.root, `.tmp-${process.pid}-`));
    try {
      for (const status of work) if ('url' in status.origin) await this.fromUrl(status, status.origin.url, folder, options);
      const packages = new Set(work.flatMap(({ origin }) => ('npm' in origin ? [origin.npm] : [])));
      for (const spec of packages) {
        await this.fromNpm(
          spec,
          work.filter(({ origin }) => 'npm' in origin && origin.npm === spec),
          folder,
          options,
        );
      }
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private async fromNpm(spec: string, assets: readonly AssetStatus[], parent: string, options: StageOptions): Promise<void> {
    const { signal, onProgress } = options;
    for (const { name, size } of assets) onProgress?.({ name, phase: 'fetch', bytes: 0, size });
    const folder = await mkdtemp(join(parent, 'npm-'));
    const tarball = await packInto(this.npm, spec, folder, { offline: options.offline ?? false, ...(signal && { signal }) });
    const byPath = new Map(assets.map((asset) => ['path' in asset.origin ? asset.origin.path : '', asset]));
    let found: ReadonlySet<string>;
    try {
      const take = (path: string, content: AsyncIterable<Uint8Array>): Promise<void> =>
        this.take(byPath.get(path)!, content, folder, options);
      found = await readTarball(tarball, new Set(byPath.keys()), take, signal);
    } catch (error) {
      if (SluiceError.is(error) || signal?.aborted || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      throw new SluiceError('ASSET_ORIGIN', `The package ${spec} that npm fetched cannot be unpacked: ${(error as Error).message}.`, {
        hint: 'Run `npm cache verify`, then stage again.',
        cause: error,
      });
    }
    for (const [path, { name }] of byPath) {
      if (!found.has(path))
        throw new SluiceError('ASSET_ORIGIN', `${spec} has no file ${path}, which the asset ${name} is.`, {
          hint: 'Mend the path in the lock file.',
        });
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async fromUrl(asset: AssetStatus, url: string, folder: string, options: StageOptions): Promise<void> {
    const { signal, onProgress } = options;
    onProgress?.({ name: asset.name, phase: 'fetch', bytes: 0, size: asset.size });
    const unreached = (cause: unknown): SluiceError =>
      new SluiceError('ASSET_NETWORK', `${url} was not reached, or broke off.`, {
        hint: 'Check the network, then stage again.',
        retryable: true,
        cause,
      });
    const response = await this.fetch(url, signal ? { signal } : {}).catch((cause: unknown) => Promise.reject(unreached(cause)));
    if (!response.ok || !response.body)
      throw new SluiceError('ASSET_ORIGIN', `${url} answered ${response.status}.`, { hint: 'Check the origin in the lock file.' });
    await this.take(asset, response.body, folder, options).catch((error: unknown) => {
      throw error instanceof TypeError ? unreached(error) : error; // what fetch calls a broken body
    });
  }

  private async take(
    asset: AssetStatus,
    content: AsyncIterable<Uint8Array>,
    folder: string,
    { signal, onProgress }: StageOptions,
  ): Promise<void> {
    const { name, size, place } = asset;
    const received = join(folder, `${asset.sha256}.part`);
    await receive(asset, content, received, (bytes) => {
      signal?.throwIfAborted();
      onProgress?.({ name, phase: 'receive', bytes, size });
    });
    await put(received, place);
    onProgress?.({ name, phase: 'staged', bytes: size, size });
  }

  /** Removes what killed runs have left; the folders of living ones stay. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const pid = Number(LEFTOVER.exec(name)?.[1] ?? 0);
      if (pid === 0) continue;
      const folder = join(this.root, name);
      const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: 0 };
      // A number is given to another process in time, so an old folder is nobody's.
      if (!isAlive(pid) || Date.now() - mtimeMs > LEFTOVER_MAX_MS) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  private choose(names: readonly string[] | undefined, restage: boolean | string): readonly AssetStatus[] {
    const all = this.list();
    const categories = [...new Set(all.map(({ category }) => category))];
    if (typeof restage === 'string' && !categories.includes(restage)) {
      throw new SluiceError('ASSET_CATEGORY_UNKNOWN', `No asset is of category ${restage}.`, {
        hint: `There are: ${categories.join(', ')}.`,
      });
    }
    const unknown = names?.filter((name) => !this.lock.assets.has(name)) ?? [];
    if (unknown.length > 0) {
      throw new SluiceError('ASSET_UNKNOWN', `The lock file ${this.lock.file} has no asset ${unknown.join(', ')}.`, {
        hint: `There are: ${all.map(({ name }) => name).join(', ')}.`,
      });
    }
    return names ? all.filter(({ name }) => names.includes(name)) : all;
  }

  private status(asset: Asset): AssetStatus {
    const { origin } = asset;
    const place = 'plugin' in origin ? this.shippedPlace(origin.plugin, origin.path) : placeOf(this.root, asset);
    const found = statSync(place, { throwIfNoEntry: false });
    const there = 'plugin' in origin ? 'shipped' : 'staged';
    return { ...asset, place, state: !found ? 'missing' : found.isFile() && found.size === asset.size ? there : 'damaged' };
  }

  private async verified(status: AssetStatus, signal: AbortSignal | undefined): Promise<AssetStatus> {
    if (status.state !== 'staged' && status.state !== 'shipped') return status;
    return (await sha256Of(status.place, signal)) === status.sha256 ? status : { ...status, state: 'damaged' };
  }

  private shippedPlace(plugin: string, path: string): string {
    // From the lock file's folder as an app does, else from here as a workspace does.
    for (const from of [resolve(this.lock.file), __filename]) {
      try {
        return join(dirname(createRequire(from).resolve(`${plugin}/package.json`)), path);
      } catch {
        // Not installed for that one.
      }
    }
    return join(dirname(resolve(this.lock.file)), 'node_modules', plugin, path);
  }
}

function refuseUrls(work: readonly AssetStatus[]): void {
  const names = work.filter(({ origin }) => 'url' in origin).map(({ name }) => name);
  if (names.length > 0)
    throw new SluiceError('ASSET_OFFLINE', `Not staged, and only to be had over the network: ${names.join(', ')}.`, {
      hint: 'Stage without --offline.',
    });
}

function shippedDamaged(status: AssetStatus): SluiceError {
  const plugin = 'plugin' in status.origin ? status.origin.plugin : '';
  const what = existsSync(status.place) ? 'is damaged' : 'is missing';
  return new SluiceError('ASSET_SHIPPED_DAMAGED', `${fileName(status)}, which ships in ${plugin}, ${what} (${status.place}).`, {
    hint: `Install ${plugin} again${status.recipe === undefined ? '' : `, or rebuild it: ${status.recipe}`}.`,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
