import { canonicalJson } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';
import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** One mutation, allowed or denied. */
export interface AuditRecord {
  readonly event_id: string;
  /** ISO-8601 UTC. */
  readonly ts: string;
  /** `token:<id>`, `local` (allowed without a token) or `anonymous`. */
  readonly actor: string;
  /** Such as `run.start`. */
  readonly action: string;
  readonly target: string;
  readonly status: 'ok' | 'denied' | 'error';
  /** `ok`, or the code of the fault. */
  readonly reason: string;
  readonly request_id: string;
  readonly correlation_id: string;
  readonly meta: Readonly<Record<string, unknown>>;
  /** Hash of the record before; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256 over the canonical JSON of all the other fields. */
  readonly hash: string;
}

export type AuditEntry = Omit<AuditRecord, 'event_id' | 'ts' | 'prev' | 'hash'>;

/** Which audit records are wanted. */
export interface AuditQuery {
  readonly limit?: number;
  /** ISO-8601; records from this moment on. */
  readonly since?: string;
  readonly actor?: string;
  /** An action, or what it begins with: `run`. */
  readonly action?: string;
  readonly status?: AuditRecord['status'];
}

export interface AuditOptions {
  /** Size at which a file is rotated; default 10 MiB. */
  readonly maxBytes?: number;
  /** Files that are kept, the current one included; default 5. */
  readonly maxFiles?: number;
  /** Takes secrets out of a line. */
  readonly redact?: (text: string) => string;
}

/** What a look through all records found. */
export interface AuditVerdict {
  readonly ok: boolean;
  readonly records: number;
  readonly files: number;
  /** Lines that a crash cut off. */
  readonly torn: number;
  readonly fault?: string;
}

export const AUDIT_MAX_BYTES = 10 * 1024 ** 2;
export const AUDIT_MAX_FILES = 5;
const BEGIN = '0'.repeat(64);

/** The audit file: JSON lines, each with the hash of the one before it, rotated by size and count. */
export class AuditLog {
  readonly maxBytes: number;
  readonly maxFiles: number;
  readonly #redact: (text: string) => string;
  #last = BEGIN;
  /** Size and inode that the file had after our last line: where they differ, somebody else wrote. */
  #seen = '';
  #fault: string | undefined;

  constructor(
    readonly file: string,
    options: AuditOptions = {},
  ) {
    this.maxBytes = options.maxBytes ?? AUDIT_MAX_BYTES;
    this.maxFiles = options.maxFiles ?? AUDIT_MAX_FILES;
    this.#redact = options.redact ?? ((text) => text);
  }

  /** Why records cannot be written; undefined where they can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /**
   * That a record can be written, before what it is about is done.
   * @throws SluiceError AUDIT_UNWRITABLE
   */
  ready(): void {
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      accessSync(existsSync(this.file) ? this.file : dirname(this.file), constants.W_OK);
      this.#fault = undefined;
    } catch (cause) {
      this.#fault = `The audit file cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`;
      throw new SluiceError('AUDIT_UNWRITABLE', this.#fault, {
        hint: 'Nothing is changed without a record: make room, or give the server the right to write its folder.',
        cause,
      });
    }
  }

  /** One process at a time: two servers on one folder make one chain. */
  write(entry: AuditEntry): AuditRecord {
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    } catch {
      // Writing says so.
    }
    return locked(`${this.file}.lock`, () => this.#write(entry));
  }

  #write(entry: AuditEntry): AuditRecord {
    this.#follow();
    const body = JSON.parse(
      this.#redact(JSON.stringify({ event_id: randomUUID(), ts: new Date().toISOString(), ...entry, prev: this.#last })),
    ) as Omit<AuditRecord, 'hash'>;
    const record = { ...body, hash: digest(body) };
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      this.#rotate();
      appendFileSync(this.file, `${JSON.stringify(record)}\n`, { mode: 0o600 });
      this.#last = record.hash;
      this.#seen = this.#state();
      this.#fault = undefined;
    } catch (error) {
      this.#fault = `The audit file cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`;
    }
    return record;
  }

  /** The newest records that fit, oldest first. */
  tail({ limit = 100, since, actor, action, status }: AuditQuery = {}): readonly AuditRecord[] {
    const found: AuditRecord[] = [];
    for (const file of this.#files().reverse()) {
      for (const record of linesOf(file).map(parsed).reverse()) {
        if (record === undefined) continue;
        if (since !== undefined && record.ts < since) return found.reverse();
        if (actor !== undefined && record.actor !== actor) continue;
        if (action !== undefined && record.action !== action && !record.action.startsWith(`${action}.`)) continue;
        if (status !== undefined && record.status !== status) continue;
        found.push(record);
        if (found.length >= limit) return found.reverse();
      }
    }
    return found.reverse();
  }

  /**
   * Goes through all kept files: whether each record is as it was written and follows the one before it. A line that a crash cut off while it
   * was written is no damage: the chain goes on from the record before it, which a record that somebody cut would not let it.
   */
  verify(): AuditVerdict {
    let prev: string | undefined;
    let records = 0;
    let torn = 0;
    const files = this.#files();
    for (const file of files) {
      for (const [at, line] of linesOf(file).entries()) {
        const record = parsed(line);
        const bad = (what: string) => ({ ok: false, records, files: files.length, torn, fault: `${file}, line ${at + 1}: ${what}.` });
        if (record === undefined && line.startsWith('{"event_id":"') && !line.endsWith('}')) {
          torn++;
          continue;
        }
        if (record === undefined) return bad('this is no audit record');
        const { hash, ...body } = record;
        if (digest(body) !== hash) return bad('the record was changed');
        if (prev !== undefined && body.prev !== prev) return bad('a record before this one is missing');
        prev = hash;
        records++;
      }
    }
    return { ok: true, records, files: files.length, torn };
  }

  /** Takes up the chain where another writer, or this one before a restart, left it. */
  #follow(): void {
    const state = this.#state();
    if (state === this.#seen) return;
    this.#seen = state;
    const [newest] = this.#files().slice(-1);
    if (newest === undefined) return;
    this.#last =
      linesOf(newest)
        .reverse()
        .flatMap((line) => parsed(line)?.hash ?? [])[0] ?? this.#last;
    // A line that was cut off by a crash must not take the next one with it.
    if (newest === this.file && statSync(newest).size > 0 && !readFileSync(newest, 'utf8').endsWith('\n')) appendFileSync(newest, '\n');
  }

  #state(): string {
    if (!existsSync(this.file)) return '';
    const { size, ino } = statSync(this.file);
    return `${ino} ${size}`;
  }

  #rotate(): void {
    if (!existsSync(this.file) || statSync(this.file).size < this.maxBytes) return;
    const old = (n: number): string => (n === 0 ? this.file : `${this.file}.${n}`);
    rmSync(old(this.maxFiles - 1), { force: true });
    for (let n = this.maxFiles - 2; n >= 0; n--) if (existsSync(old(n)) && this.maxFiles > 1) renameSync(old(n), old(n + 1));
  }

  /** Oldest first. */
  #files(): string[] {
    const all = [this.file];
    for (let n = 1; existsSync(`${this.file}.${n}`); n++) all.unshift(`${this.file}.${n}`);
    return all.filter((file) => existsSync(file));
  }
}

/** A lock that is older belongs to a process that was killed: a record takes less than a millisecond. */
const STALE_MS = 2_000;
const WAIT = new Int32Array(new SharedArrayBuffer(4));

/** Holds a lock file while it works; whoever cannot get it goes on without, as a record is worth more than its place in the chain. */
function locked<T>(file: string, work: () => T): T {
  let mine = false;
  for (const until = performance.now() + STALE_MS * 2; !mine && performance.now() < until;) {
    try {
      closeSync(openSync(file, 'wx', 0o600));
      mine = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') break;
      const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > STALE_MS) rmSync(file, { force: true });
      else Atomics.wait(WAIT, 0, 0, 1);
    }
  }
  try {
    return work();
  } finally {
    if (mine) rmSync(file, { force: true });
  }
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function parsed(line: string): AuditRecord | undefined {
  try {
    const record = JSON.parse(line) as AuditRecord;
    return typeof record.hash === 'string' && typeof record.prev === 'string' ? record : undefined;
  } catch {
    return undefined;
  }
}

function digest(body: object): string {
  return createHash('sha256').update(canonicalJson(body)).digest('hex');
}
