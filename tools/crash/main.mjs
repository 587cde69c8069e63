// Kills a graph with durable edges again and again, lets it end, and counts what became of its packets.
//   node tools/crash/main.mjs [--kills 200] [--packets 10000] [--case kill|full|clock|two|nodes] [--seed 1] [--json]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const KEYS = 16;
/** After its first effect a child lives this long at most, ms. */
const LIFE_MS = 120;
/** Some are killed while they start, too. */
const EARLY = 0.15;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    packets: { type: 'string', default: '10000' },
    case: { type: 'string', default: 'kill' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    json: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const packets = Number(values.packets);

/** The same moments again with the same seed (mulberry32). */
function chance(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One life. `moment` says when it is to be killed after its first effect (or, early, after it was started); undefined lets it end. */
function live(
  folder,
  { pace, back = 0, moment, early = false, count = packets, offset = 'offset', store = folder, recorded = 0, end = 0 },
) {
  return new Promise((resolve, reject) => {
    const began = Date.now();
    const lines = effectsOf(folder).length;
    const child = spawn(
      process.execPath,
      [join(here, 'child.mjs'), folder, store, offset, count, pace, KEYS, back, recorded, end].map(String),
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let out = '';
    let err = '';
    let timer;
    child.stdout.on('data', (data) => {
      out += data;
      if (!early && moment !== undefined && timer === undefined && out.includes('ready'))
        timer = setTimeout(() => child.kill('SIGKILL'), moment);
    });
    child.stderr.on('data', (data) => (err += data));
    if (early) timer = setTimeout(() => child.kill('SIGKILL'), moment);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const [first] = effectsOf(folder).slice(lines);
      resolve({ code, signal, out, err, resumed: first === undefined ? undefined : first.at - began });
    });
  });
}

/** Whole lines: what was being written at a kill is no effect. */
function effectsOf(folder) {
  const file = join(folder, 'effects.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [key, n, who, worked, at] = line.split('\t');
    return { key, n: Number(n), who, worked: Number(worked), at: Number(at) };
  });
}

/** What the world outside has seen: it does what has one key once, as a service with idempotency keys does. */
function judge(folder, count) {
  const done = new Set();
  const last = new Map();
  const times = new Map();
  let outOfOrder = 0;
  let wrong = 0;
  let repeats = 0;
  for (const { key, n, who, worked } of effectsOf(folder)) {
    if (done.has(key)) {
      repeats++;
      continue;
    }
    done.add(key);
    times.set(n, (times.get(n) ?? 0) + 1);
    if (worked !== n + 1) wrong++;
    if ((last.get(who) ?? -1) > n) outOfOrder++;
    last.set(who, n);
  }
  let lost = 0;
  for (let n = 0; n < count; n++) if (!times.has(n)) lost++;
  const doubled = [...times.values()].filter((n) => n > 1).length;
  return { packets: count, lost, doubled_effects: doubled, out_of_order: outOfOrder, repeats, wrong };
}

async function killing(folder, { back = () => 0, recorded = 0, judged = judge } = {}) {
  const random = chance(Number(values.seed));
  let killed = 0;
  let worst = 0;
  while (killed < kills) {
    const life = await live(folder, recorded === 1 ? { ...inEffect(random), recorded } : { ...anyMoment(random), back: back(killed) });
    if (life.resumed !== undefined && killed > 0) worst = Math.max(worst, life.resumed);
    if (life.signal === 'SIGKILL') killed++;
    else if (life.code !== 0) throw new Error(`A child failed by itself:\n${life.err}${life.out}`);
    else break;
  }
  const end = await live(folder, { pace: 0, back: back(killed), recorded });
  if (end.code !== 0) throw new Error(`The last child failed:\n${end.err}${end.out}`);
  // A life may be killed before its first effect: the last one always has come to it, where anything was left.
  if (end.resumed !== undefined) worst = Math.max(worst, end.resumed);
  return { kills: killed, ...judged(folder, packets, end.out), resume_ms_max: worst };
}

/**
 * What the world outside has seen of a node whose calls are on record: nothing twice, whatever its key. A packet whose effect did not
 * happen is lost, unless the record names it as one that somebody has to decide.
 */
function judgeRecorded(folder, count, out) {
  const { lost: missing, repeats, ...same } = judge(folder, count);
  const { uncertain } = JSON.parse(out.trimEnd().split('\n').at(-1));
  const named = new Set(uncertain.map((id) => Number(/feed\/(\d+)/.exec(id)?.[1])));
  const done = new Set(effectsOf(folder).map(({ n }) => n));
  let lost = 0;
  for (let n = 0; n < count; n++) if (!done.has(n) && !named.has(n)) lost++;
  // Those that can be asked for are never left to somebody.
  const undecided = [...named].filter((n) => !(n % 2 === 1)).length;
  return {
    ...same,
    lost,
    doubled_effects: same.doubled_effects + repeats,
    uncertain: named.size,
    not_asked: undecided,
    missing,
    repeats: 0,
  };
}

/** Killed after its first effect, or while it starts. */
function anyMoment(random) {
  const early = random() < EARLY;
  return { pace: pace(), early, moment: Math.floor(random() * (early ? 600 : LIFE_MS)) };
}

/** Killed in the middle of one of its first effects, before or after that has happened. */
function inEffect(random) {
  return { pace: 0, end: (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 20)) };
}

/** Slow enough that the packets last for all kills: pauses, ms, after each 8. */
function pace() {
  return kills === 0 ? 0 : Math.max(0, Math.min(20, Math.round((8 * kills * (LIFE_MS / 2)) / packets)));
}

const cases = {
  kill: (folder) => killing(folder),
  /** Each life finds the clock further back, up to an hour. */
  clock: (folder) => killing(folder, { back: (n) => Math.min(n * 300_000, 3_600_000) }),
  /** Calls of the effect are on record: what was under way is asked for or named, and never done again blindly. */
  nodes: (folder) => killing(folder, { recorded: 1, judged: judgeRecorded }),
  /** Two processes send to and take from the same queues; one is killed again and again. */
  async two(folder) {
    const random = chance(Number(values.seed));
    let killed = 0;
    const steady = live(folder, { pace: pace(), offset: 'steady' });
    while (killed < kills) {
      const life = await live(folder, { pace: pace(), moment: Math.floor(random() * LIFE_MS) });
      if (life.signal === 'SIGKILL') killed++;
      else break;
    }
    const { code, err } = await steady;
    if (code !== 0) throw new Error(`The process that was left alone failed:\n${err}`);
    await live(folder, { pace: 0 });
    return { kills: killed, ...judge(folder, packets), resume_ms_max: 0 };
  },
  /** The disk is full in the middle; then there is room again. */
  async full(folder) {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]);
    if (mounted.status !== 0) throw new Error('A small disk cannot be mounted here: it needs the right to mount a tmpfs.');
    try {
      const life = live(folder, { pace: 5, store: disk });
      const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      for (let n = 0; n < 300 && effectsOf(folder).length < 50; n++) await wait(100);
      const ballast = join(disk, 'ballast');
      for (let full = false; !full;) {
        try {
          writeFileSync(ballast, Buffer.alloc(64 << 10), { flag: 'a' });
        } catch {
          full = true;
        }
      }
      await wait(4000);
      rmSync(ballast);
      const end = await life;
      if (end.code !== 0) throw new Error(`The child failed:\n${end.err}${end.out}`);
      if (!/full|disk/i.test(end.err)) throw new Error('The disk was never full: nothing was tested.');
      return { kills: 0, ...judge(folder, packets), resume_ms_max: 0 };
    } finally {
      spawnSync('umount', [disk]);
    }
  },
};

// What is tested is what is there now.
const root = join(here, '..', '..');
const built = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'libs/runtime', 'libs/store'], {
  cwd: root,
});
if (built.status !== 0) {
  console.error(String(built.stdout));
  process.exit(4);
}

const run = cases[values.case];
if (run === undefined) {
  console.error(`There is no case ${values.case}. Known are ${Object.keys(cases).join(', ')}.`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'sluice-crash-'));
try {
  const { wrong, repeats, ...result } = await run(folder);
  const bad = result.lost + result.doubled_effects + result.out_of_order + wrong + (result.not_asked ?? 0);
  if (values.json) console.log(JSON.stringify(result));
  else {
    for (const [name, value] of Object.entries({ ...result, wrong_results: wrong, repeated_calls: repeats })) {
      console.log(`${name.padEnd(16)} ${value}`);
    }
    console.log(bad === 0 ? 'ok' : `failed (seed ${values.seed})`);
  }
  process.exitCode = bad === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
