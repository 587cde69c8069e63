// Fills a queue, drains it in chunks by processes that end or are killed, and looks at what is left: rows, memory, the size of the file.
//   npm run test:soak -- [--rows 125000] [--chunks 10] [--bytes 200] [--json]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
/** Every so many lives end by SIGKILL in the middle of their chunk. */
const KILLED = 3;
/** Looks at the memory of a life that are its warm-up. */
const WARM = 0.25;
/** A life may grow by so much after its warm-up, whatever the backlog. */
const GROWTH_MB = 40;
/** An empty store, and no more than this of what the backlog took. */
const LEFT_BYTES = 512 << 10;
const LEFT_SHARE = 0.02;

const HELP = `Drains a backlog in chunks, with restarts of the process, and looks at what is left.

  npm run test:soak -- [options]

  --rows N     rows of the backlog (default 125000)
  --chunks N   processes that drain it, one after the other; every ${KILLED}rd is killed in the middle of its chunk (default 10)
  --bytes N    bytes of text in each row (default 200)
  --json       print { rows, chunks, killed, lost, out_of_order, repeated, depth, rss_growth_mb, rss_max_mb,
               file_full, file_drained, file_compact, seconds }
  --help       print this

It fails where a row is lost or out of the order of its key, the queue is not empty at the end, a process grows by more than
${GROWTH_MB} MB after the first quarter of its rows, or the file is above ${LEFT_SHARE * 100} % of its largest size (or ${LEFT_BYTES >> 10} KB) after \`sluice queue compact\`.
`;

function options() {
  try {
    const text = (value) => ({ type: 'string', default: value });
    const { values } = parseArgs({
      options: { rows: text('125000'), chunks: text('10'), bytes: text('200'), json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    const [rows, chunks, bytes] = [values.rows, values.chunks, values.bytes].map(Number);
    if (![rows, chunks, bytes].every((n) => Number.isInteger(n) && n > 0))
      throw new Error('--rows, --chunks and --bytes are whole numbers above 0.');
    return { ...values, rows, chunks, bytes };
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

/** One life of a child. @returns the signal that ended it, null where it ended by itself */
function live(folder, what, { rows, bytes }, dies = 0) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(here, 'child.mjs'), folder, what, rows, bytes, dies].map(String), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (said += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 || (signal === 'SIGKILL' && dies > 0)) resolve(signal);
      else reject(new Error(`A process that was to ${what} the queue failed (${signal ?? code}):\n${said}`));
    });
  });
}

function lines(folder, name) {
  const file = join(folder, name);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** Each row at least once, those of a key in their order; what came again after a kill is counted. */
function judge(folder, rows) {
  const seen = new Set();
  const last = new Map();
  let outOfOrder = 0;
  let repeated = 0;
  for (const [text, who] of lines(folder, 'effects.log')) {
    const n = Number(text);
    if (seen.has(n)) {
      repeated++;
      continue;
    }
    seen.add(n);
    if ((last.get(who) ?? -1) > n) outOfOrder++;
    last.set(who, n);
  }
  return { lost: rows - seen.size, out_of_order: outOfOrder, repeated };
}

function byFirst(rows) {
  const all = new Map();
  for (const row of rows) (all.get(row[0]) ?? all.set(row[0], []).get(row[0])).push(row);
  return all;
}

/** How much the process grew after its warm-up that grew most, and the most that any had. */
function memory(folder) {
  const byLife = byFirst(lines(folder, 'memory.log'));
  let growth = 0;
  let max = 0;
  for (const looks of byLife.values()) {
    const rss = looks.map(([, , , bytes]) => Number(bytes) / 1e6);
    const warm = Math.max(1, Math.ceil(rss.length * WARM));
    max = Math.max(max, ...rss);
    if (rss.length > warm) growth = Math.max(growth, Math.max(...rss.slice(warm)) - Math.max(...rss.slice(0, warm)));
  }
  return { rss_growth_mb: Math.round(growth), rss_max_mb: Math.round(max) };
}

function sizeOf(folder) {
  const size = (name) => (existsSync(join(folder, name)) ? statSync(join(folder, name)).size : 0);
  return size('store.db') + size('store.db-wal');
}

/** What a person would ask the command. */
function sluice(folder, ...args) {
  const ran = spawnSync(process.execPath, [join(root, 'apps', 'cli', 'bin', 'sluice.js'), ...args, '--json'], {
    encoding: 'utf8',
    env: { ...process.env, SLUICE_STORE: join(folder, 'store.db') },
  });
  if (ran.status !== 0) throw new Error(`sluice ${args.join(' ')} failed:\n${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

async function soak(folder, { rows, chunks, bytes }) {
  const began = Date.now();
  await live(folder, 'fill', { rows, bytes });
  const full = sizeOf(folder);
  const chunk = Math.ceil(rows / chunks);
  let killed = 0;
  for (let n = 1; n < chunks; n++) {
    const dies = n % KILLED === 0 ? Math.ceil(chunk / 2) : 0;
    if ((await live(folder, 'drain', { rows: chunk, bytes }, dies)) !== null) killed++;
  }
  // The last takes what is left: half of the chunk of each that was killed, too.
  await live(folder, 'drain', { rows: 2 * rows, bytes });
  const drained = sizeOf(folder);
  // What is acked is kept until its key may be forgotten: a second here.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  sluice(folder, 'queue', 'compact');
  const [{ rows: depth }] = sluice(folder, 'queue', 'list').queues;
  return {
    ...{ rows, chunks, killed, ...judge(folder, rows), depth, ...memory(folder) },
    ...{ file_full: full, file_drained: drained, file_compact: sizeOf(folder) },
    seconds: Math.round((Date.now() - began) / 1000),
  };
}

function faults({ lost, out_of_order, depth, rss_growth_mb, file_full, file_compact }) {
  return [
    ...(lost === 0 ? [] : [`${lost} rows were lost.`]),
    ...(out_of_order === 0 ? [] : [`${out_of_order} rows were out of the order of their key.`]),
    ...(depth === 0 ? [] : [`${depth} rows are left.`]),
    ...(rss_growth_mb <= GROWTH_MB ? [] : [`A process grew by ${rss_growth_mb} MB after its warm-up; ${GROWTH_MB} MB is the bound.`]),
    ...(file_compact <= Math.max(LEFT_BYTES, file_full * LEFT_SHARE)
      ? []
      : [`The file has ${file_compact} of ${file_full} bytes after it was compacted.`]),
  ];
}

const asked = options();
if (asked.help) {
  console.log(HELP);
  process.exit(0);
}
// What is tested is what is there now.
const built = spawnSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'libs/runtime', 'libs/store', 'plugins/queue'],
  {
    cwd: root,
  },
);
if (built.status !== 0) {
  console.error(String(built.stdout));
  process.exit(4);
}
const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'));
try {
  const result = await soak(folder, asked);
  const wrong = faults(result);
  if (asked.json) console.log(JSON.stringify(result));
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(14)} ${value}`);
  for (const fault of wrong) console.error(fault);
  if (!asked.json) console.log(wrong.length === 0 ? 'ok' : 'failed');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
