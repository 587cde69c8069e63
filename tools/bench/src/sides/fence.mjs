// Cancel under load: 1,000 units over 100 sessions, each with packets waiting all over the graph.
import { definePlugin, Node, port, Any, to } from '@sluice/sdk';
import { createEngine } from '@sluice/runtime';
import { median, quantile } from '../statistics.mjs';
import { balanced } from './overload.mjs';
import { edges, nodeClass, QUEUED } from './sluice.mjs';

const SESSIONS = 100;
/** Cancelled first, to warm up. */
const WARM = 20;
const UNITS = 10;
const PIPES = 8;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** @returns ms until the fence of a session stands and until all that waited is swept (p99 over sessions), and what a sink accepted after its fence */
export async function fence() {
  const state = {
    over: false,
    accepted: 0,
    late: 0,
    fences: [],
    sweeps: [],
    pause: (p) => new Promise((resolve) => setTimeout(resolve, 20, p)),
    spin() {
      const end = performance.now() + 0.02;
      while (performance.now() < end);
    },
    write(p) {
      this.accepted++;
      if (this.cancelled.has(p.origin.scope)) this.late++;
    },
    cancelled: new Set(),
  };
  // One node opens all sessions and units; the sources speak for them in turn, without end.
  let units = [];
  let sessions = [];
  let context;
  class Source {
    *read(ctx) {
      if (units.length === 0) {
        context = ctx;
        sessions = Array.from({ length: SESSIONS + WARM }, (_, s) => ctx.session(`session${s}`));
        units = sessions.flatMap((session, s) =>
          Array.from({ length: UNITS }, (_, u) => {
            const unit = ctx.unit(`unit${s}_${u}`, { session });
            unit.open();
            return unit;
          }),
        );
      }
      // Nobody speaks for a unit that is over; those that are left speak on.
      for (let i = 0; !state.over; i++) {
        const scope = units[i % units.length];
        yield to('out', { v: i }, scope.fenced ? {} : { scope });
      }
    }
  }
  Node({ type: 'b/source', kind: 'source', mode: 'pull', summary: 's', out: { out: port(Any, 'out') } })(Source);
  const nodes = [
    Source,
    // Its first call takes a while: what waits by then keeps its edge full, for a packet passes an empty one without a stop.
    nodeClass('b/work', 'transform', 'process(p) { if (this.begun) return f.spin(), p; this.begun = true; return f.pause(p); }', state),
    nodeClass('b/sink', 'sink', 'write(p) { f.write(p); }', state),
  ];
  const engine = createEngine({ plugins: [definePlugin({ name: 'b', nodes })] });
  const pipes = Array.from({ length: PIPES }, (_, i) => i);
  const plan = await engine.load({
    version: 2,
    name: 'fence',
    nodes: Object.fromEntries(pipes.flatMap((i) => ['source', 'work', 'sink'].map((id) => [`${id}${i}`, { type: `b/${id}` }]))),
    edges: edges(
      pipes.flatMap((i) => [`source${i} -> work${i}`, `work${i} -> sink${i}`]),
      { capacity: QUEUED * 4 },
    ),
  });
  const run = engine.start(plan, { inputs: {} });
  await run.ready;
  while (state.accepted < 20_000) await turn();
  const pending = [];
  for (let s = 0; s < sessions.length; s++) {
    const own = units.slice(s * UNITS, (s + 1) * UNITS);
    const start = performance.now();
    const swept = context.cancel(sessions[s], 'enough');
    const fenced = performance.now() - start;
    for (const unit of own) state.cancelled.add(unit);
    if (own.some((unit) => !unit.fenced)) throw new Error('a unit of a cancelled session is not fenced');
    if (s >= WARM) state.fences.push(fenced);
    pending.push(swept.then(() => s >= WARM && state.sweeps.push(performance.now() - start)));
    if (s % 10 === 9) await turn();
  }
  await Promise.all(pending);
  for (let i = 0; i < 20; i++) await turn();
  const figures = run.figures();
  balanced(figures);
  const dropped = figures.edges.reduce((sum, { dropped: { cancelled = 0 } }) => sum + cancelled, 0);
  if (dropped === 0) throw new Error('nothing waited when it was cancelled');
  state.over = true;
  await run.cancel('enough');
  return {
    fence: quantile(state.fences, 0.99),
    sweep: quantile(state.sweeps, 0.99),
    typical: [median(state.fences), median(state.sweeps)],
    late: state.late,
    accepted: state.accepted,
    dropped,
  };
}
