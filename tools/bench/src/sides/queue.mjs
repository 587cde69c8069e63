// A durable queue in a file, each commit on the disk: packets of 1 KB are put, taken in order and acked.
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@sluice/store';

const TEXT = 'x'.repeat(1_000);
const item = (n) => ({ payload: { n, text: TEXT }, kind: 'item', meta: {}, sourceId: 'bench', time: 0, key: '', id: '', priority: 0 });

async function inFolder(use) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-queue-'));
  try {
    return await use(join(folder, 'store.db'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `count` packets through the queue, `inFlight` of them at one time. @returns how many a second */
async function through(queue, count, inFlight) {
  const since = performance.now();
  const reader = queue.read({ prefetch: inFlight });
  const before = queue.figures.acked;
  const waiting = [];
  const reading = (async () => {
    let next = 0;
    for await (const row of reader) {
      if (row.payload.n !== next++) throw new Error(`packet ${row.payload.n} came out of order`);
      row.settle('acked');
      waiting.shift()?.();
      if (next === count) break;
    }
  })();
  let next = 0;
  const sender = async () => {
    while (next < count) {
      const taken = new Promise((resolve) => waiting.push(resolve));
      await queue.put(item(next++));
      await taken;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, sender));
  await reading;
  // Closing writes the acks that are under way.
  await reader.close();
  if (queue.figures.acked - before !== count || queue.figures.rows !== 0)
    throw new Error(`not all are acked: ${JSON.stringify(queue.figures)}`);
  return (count / (performance.now() - since)) * 1_000;
}

/**
 * Watches how long the event loop is held at most, ms: how late a timer is, less the time that this thread could run and other programs
 * had the processor (Linux says so of each thread).
 */
class Held {
  most = 0;
  file = existsSync('/proc/self/schedstat') ? openSync(`/proc/self/task/${process.pid}/schedstat`) : undefined;
  bytes = Buffer.alloc(64);

  start() {
    const due = performance.now() + 1;
    const waited = this.waited();
    this.timer = setTimeout(() => {
      this.most = Math.max(this.most, performance.now() - due - (this.waited() - waited));
      this.start();
    }, 1);
  }

  waited() {
    if (this.file === undefined) return 0;
    const text = this.bytes.toString('latin1', 0, readSync(this.file, this.bytes, 0, 64, 0));
    return Number(text.split(' ')[1]) / 1e6;
  }

  stop() {
    clearTimeout(this.timer);
    if (this.file !== undefined) closeSync(this.file);
    return this.most;
  }
}

/** Packets before the measured ones: until all that is hot has been compiled, and the log of SQLite has its size. */
const WARM = 4_000;

/** @returns packets a second; `watched` also how long the event loop was held at most, ms, which costs a little itself */
export const ours = (inFlight, count, { watched = false } = {}) =>
  inFolder(async (path) => {
    const store = await openStore({ path });
    const queue = await store.queue('bench');
    await through(queue, WARM, inFlight);
    const held = watched ? new Held() : undefined;
    held?.start();
    const rate = await through(queue, count, inFlight);
    const hold = held?.stop();
    await store.close();
    return { rate, hold };
  });

/**
 * What the driver can do: rows put, taken and deleted with prepared statements, and nothing of a queue around it.
 * @param shared a row that was taken is deleted in the transaction that writes the next one, as in ours: one commit, and one sync, for each
 * packet; else each statement is a commit of its own
 */
export const bare = (count, { shared = false } = {}) =>
  inFolder(async (path) => {
    const { Database } = createRequire(import.meta.resolve('@sluice/store'))('sqlite3');
    const call = (target, name, ...args) =>
      new Promise((resolve, reject) => target[name](...args, (error, value) => (error ? reject(error) : resolve(value))));
    const db = await new Promise((resolve, reject) => {
      const opened = new Database(path, (error) => (error ? reject(error) : resolve(opened)));
    });
    await call(
      db,
      'exec',
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE q (seq integer PRIMARY KEY, packet text NOT NULL)',
    );
    const insert = db.prepare('INSERT INTO q (seq, packet) VALUES (?, ?)');
    const first = db.prepare('SELECT seq, packet FROM q ORDER BY seq LIMIT 1');
    const remove = db.prepare('DELETE FROM q WHERE seq = ?');
    const begin = db.prepare('BEGIN IMMEDIATE');
    const commit = db.prepare('COMMIT');
    const pass = async (n) => {
      const since = performance.now();
      for (let seq = 1; seq <= n; seq++) {
        if (shared) {
          await call(begin, 'run');
          await call(remove, 'run', [seq - 1]);
        }
        await call(insert, 'run', [seq, JSON.stringify(item(seq))]);
        if (shared) await call(commit, 'run');
        const [row] = await call(first, 'all', []);
        if (JSON.parse(row.packet).payload.n !== seq) throw new Error('not what was written');
        if (!shared) await call(remove, 'run', [seq]);
      }
      await call(remove, 'run', [n]);
      return (n / (performance.now() - since)) * 1_000;
    };
    await pass(WARM);
    const rate = await pass(count);
    for (const statement of [begin, remove, insert, commit, first]) await call(statement, 'finalize').catch(() => undefined);
    await call(db, 'close');
    return { rate };
  });

/** @returns bytes of the file for each byte of payload that waits in it, after its log was folded in */
export const storage = (count) =>
  inFolder(async (path) => {
    const store = await openStore({ path });
    const queue = await store.queue('bench', { maxRows: count });
    let bytes = 0;
    for (let from = 0; from < count; from += 256) {
      const some = Array.from({ length: Math.min(256, count - from) }, (_, i) => item(from + i));
      for (const { payload } of some) bytes += Buffer.byteLength(JSON.stringify(payload));
      await Promise.all(some.map((one) => queue.put(one)));
    }
    await store.close();
    return { ratio: statSync(path).size / bytes };
  });
