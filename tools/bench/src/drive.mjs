// Rounds: every side of every experiment once per round, each in a fresh process, every other round backwards.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { reaches, summary } from './statistics.mjs';

const SIDE = fileURLToPath(new URL('./side.mjs', import.meta.url));
const TIMEOUT_MS = 300_000;

export class WrongResult extends Error {}

/** Runs one side; what it cannot do is `{ unavailable }`. */
export function runSide(experiment, side, options) {
  return new Promise((resolve) => {
    const args = ['--expose-gc', ...(experiment.flags ?? []), SIDE, experiment.name, side, JSON.stringify(options)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('close', (code, signal) => {
      const line = out.trimEnd().split('\n').at(-1) ?? '';
      if (code === 0 && line.startsWith('{')) return resolve(JSON.parse(line));
      const why = signal === null ? (/^\s*(\w*Error\b.*|.*\bError: .*)$/m.exec(err)?.[1] ?? `exit code ${code}`) : `ended by ${signal}`;
      resolve({ unavailable: `${side} failed: ${why.trim()}`, failed: err });
    });
  });
}

/** The order of a round: turned round every other time, so that nobody always comes after the same one. */
export function orderOf(items, round) {
  return round % 2 === 0 ? [...items] : [...items].reverse();
}

/**
 * Measures.
 * @param experiments those to run
 * @param {{ rounds: number, options: object, only?: ReadonlySet<string>, say?: (text: string) => void, run?: typeof runSide }} how
 * @returns a case for each id, in the order given
 * @throws WrongResult where two sides did not give the same
 */
export async function drive(experiments, { rounds, options, only, say = () => undefined, run = runSide }) {
  const results = new Map(experiments.map((experiment) => [experiment, []]));
  const gaps = new Map();
  for (let round = 0; round < rounds; round++) {
    for (const experiment of orderOf(experiments, round)) {
      if (gaps.has(experiment)) continue;
      const pair = {};
      for (const side of orderOf(Object.keys(experiment.sides), round)) {
        if (!needed(experiment, side, only)) continue;
        say(`round ${round + 1}/${rounds}  ${experiment.name}  ${side}`);
        pair[side] = await run(experiment, side, options);
        if (pair[side].unavailable !== undefined) break;
      }
      const gap = Object.values(pair).find((result) => result.unavailable !== undefined);
      if (gap !== undefined) gaps.set(experiment, gap);
      else {
        sameResult(experiment, pair);
        results.get(experiment).push(pair);
      }
    }
  }
  return experiments.flatMap((experiment) =>
    experiment.cases
      .filter(({ id }) => only === undefined || only.has(id))
      .map((spec) => caseOf(experiment, spec, results.get(experiment), gaps.get(experiment))),
  );
}

/** A side is run where a case that is asked for looks at it. */
function needed(experiment, side, only) {
  return experiment.cases.some(({ id, sides }) => (only === undefined || only.has(id)) && (sides === undefined || sides.includes(side)));
}

function sameResult(experiment, pair) {
  const checks = Object.entries(pair).filter(([, result]) => result.check !== undefined);
  if (new Set(checks.map(([, { check }]) => check)).size <= 1) return;
  throw new WrongResult(`${experiment.name}: the sides differ: ${checks.map(([side, { check }]) => `${side} ${check}`).join(', ')}`);
}

/** One row: numbers where it was measured, else the reason. `note` and `sides` are for people only. */
export function caseOf(experiment, spec, pairs, gap) {
  const { id, peer = '', unit, goal, better } = spec;
  const base = { id, peer, unit };
  const clock = spec.clock ?? experiment.clock ?? '';
  if (gap !== undefined || pairs.length === 0) {
    const reason = gap?.unavailable ?? 'not run';
    return { ...base, min: null, median: null, max: null, goal, better, met: false, reason, failed: gap?.failed, clock, what: spec.what };
  }
  const figures = summary(pairs.map((pair) => spec.value(pair)));
  const note = spec.note?.(pairs);
  return { ...base, ...figures, goal, better, met: reaches(figures.median, goal, better), clock, what: spec.what, note };
}
