import { SluiceError } from '@sluice/sdk';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confined } from '../confine';
import { sha256 } from './library';

/** A published state of a graph: it never changes. */
export interface GraphVersion {
  readonly version: number;
  /** SHA-256 of its text. */
  readonly sha256: string;
  readonly plan_hash: string;
  /** ISO-8601 UTC. */
  readonly published_at: string;
  readonly actor: string;
  readonly note: string;
}

/** Published versions, in the state folder: a text each, and one list that only grows. */
export class GraphVersions {
  /** @param folder such as `.sluice/graphs` */
  constructor(private readonly folder: string) {}

  /** Oldest first. */
  list(name: string): readonly GraphVersion[] {
    const file = join(this.#of(name), 'versions.jsonl');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        try {
          return line === '' ? [] : [JSON.parse(line) as GraphVersion];
        } catch {
          // Cut off by a crash: it was never confirmed to anybody.
          return [];
        }
      });
  }

  latest(name: string): GraphVersion | undefined {
    return this.list(name).at(-1);
  }

  /**
   * The text of a version, as it was published.
   * @throws SluiceError VERSION_NOT_FOUND, VERSION_DAMAGED
   */
  read(name: string, version: number): GraphVersion & { readonly text: string } {
    const found = this.list(name).find((one) => one.version === version);
    const file = join(this.#of(name), `${version}.yaml`);
    if (found === undefined || !existsSync(file)) {
      throw new SluiceError('VERSION_NOT_FOUND', `${name} has no version ${version}.`, {
        hint: `GET /api/v1/graphs/${name}/versions lists them.`,
      });
    }
    const text = readFileSync(file, 'utf8');
    if (sha256(text) !== found.sha256) {
      throw new SluiceError('VERSION_DAMAGED', `Version ${version} of ${name} is not what was published.`, {
        hint: `Its text has another checksum. Restore ${file} from a backup.`,
      });
    }
    return { ...found, text };
  }

  /** Publishes a text; one that is the newest version already stays that. */
  publish(name: string, text: string, more: Pick<GraphVersion, 'plan_hash' | 'actor' | 'note'>): GraphVersion {
    const folder = this.#of(name);
    const newest = this.latest(name);
    const hash = sha256(text);
    if (newest?.sha256 === hash && newest.plan_hash === more.plan_hash) return newest;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'versions.jsonl');
    // A line that a crash cut off must not swallow the next.
    const torn = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'utf8')) ? '\n' : '';
    for (let version = (newest?.version ?? 0) + 1; ; version++) {
      try {
        // Never over one that is there: a version does not change, also where two servers publish at once.
        writeFileSync(join(folder, `${version}.yaml`), text, { flag: 'wx', mode: 0o444 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
        throw error;
      }
      const made: GraphVersion = { version, sha256: hash, published_at: new Date().toISOString(), ...more };
      appendFileSync(file, `${torn}${JSON.stringify(made)}\n`);
      return made;
    }
  }

  #of(name: string): string {
    return confined(this.folder, name);
  }
}
