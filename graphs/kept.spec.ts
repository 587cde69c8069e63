import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { core, type Moment } from '@sluice/plugin-core';
import { checkGraph } from '@sluice/graph';
import { createEngine, VirtualClock } from '@sluice/runtime';
import { Any, catalogueOf, definePlugin, Node, port, portType, to, type Context, type NodeClass, type Packet } from '@sluice/sdk';
import { openStore, type Store } from '@sluice/store';
import { runGraph } from '@sluice/testing';

interface Report {
  readonly total: number;
}
const Report = portType<Report>('x/report@2', {
  profile: 'json_portable',
  schema: { type: 'object', properties: { total: { type: 'number' } }, required: ['total'] },
});

/** Keeps each payload, and says under which id. */
class Keep {
  async process(packet: Packet<Report>, ctx: Context): Promise<unknown> {
    const { id, schema, sources } = await ctx.artifacts.keep(Report, packet.payload, { from: [packet], maxCount: 2, ttl: 60_000 });
    const back = JSON.parse(new TextDecoder().decode(await ctx.artifacts.read(id))) as Report;
    return { id, schema, sources: sources.length, total: back.total, kept: (await ctx.artifacts.find({ schema: 'x/report' })).length };
  }
}
Node({ type: 'x/keep', kind: 'transform', summary: 'Keeps.', in: { in: port(Any, 'Reports.') }, out: { out: port(Any, 'Ids.') } })(
  Keep as unknown as NodeClass,
);

/** Reminds of an order a while after it was set, and says when it was. */
class Remind {
  async *read(ctx: Context) {
    await ctx.timers.ensure('order-7', { in: 90_000 }, { order: 7 });
    for await (const timer of ctx.timers.fired()) {
      const done = (outcome: string): void => void (outcome === 'acked' ? timer.done() : undefined);
      yield to('out', { name: timer.name, at: ctx.now(), due: timer.due, ...timer.data }, { key: timer.key, done });
    }
  }
}
Node({ type: 'x/remind', kind: 'source', mode: 'pull', durable: true, summary: 'Reminds.', out: { out: port(Any, 'Reminders.') } })(
  Remind as unknown as NodeClass,
);

const plugin = definePlugin({ name: 'x', nodes: [Keep as unknown as NodeClass, Remind as unknown as NodeClass] });
const KEEP = {
  text: `version: 2
name: keeping
nodes:
  keep: { type: x/keep }
inputs:
  in: { to: keep }
outputs:
  out: { from: keep }
edges: []
`,
};
const REMIND = {
  text: `version: 2
name: reminding
nodes:
  remind: { type: x/remind }
outputs:
  out: { from: remind }
edges: []
`,
};

let folder: string;
// The first to open a store loads the database: that takes its time, and virtual time would go on meanwhile.
beforeAll(async () => {
  const warm = mkdtempSync(join(tmpdir(), 'sluice-kept-'));
  await (await openStore({ path: join(warm, 'store.db') })).close();
  rmSync(warm, { recursive: true, force: true });
}, 120_000);
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sluice-kept-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const REPORTS = [{ total: 1 }, { total: 2 }, { total: 1 }, { total: 3 }];

it.each(['in memory', 'in a store'])('a node keeps artifacts by its context: %s', async (where) => {
  let store: Store | undefined;
  const open = async (): Promise<Store> => (store ??= await openStore({ path: join(folder, 'store.db') }));
  const { outputs, report } = await runGraph(KEEP, {
    plugins: [plugin],
    inputs: { in: REPORTS },
    ...(where === 'in memory' ? {} : { store: open }),
  });
  expect(report.reasons).toEqual([]);
  const out = outputs['out'] as { id: string; kept: number; total: number }[];
  expect(out.map(({ total }) => total)).toEqual([1, 2, 1, 3]);
  expect(out.map(({ kept }) => kept)).toEqual([1, 2, 2, 2]);
  expect(out[2]!.id).toBe(out[0]!.id);
  expect(out[0]).toMatchObject({ schema: 'x/report@2', sources: 1 });
  if (store === undefined) return;
  expect((await store.artifacts.find()).map(({ graph, node, schema, ref }) => [graph, node, schema, ref.size_bytes])).toEqual([
    ['keeping', 'keep', 'x/report@2', '{"total":3}'.length],
    ['keeping', 'keep', 'x/report@2', '{"total":1}'.length],
  ]);
  await store.close();
});

it('what does not fit its schema is not kept, and a graph without a store says what it lacks', async () => {
  const unfit = await runGraph(KEEP, { plugins: [plugin], inputs: { in: [{ total: 'many' }] } });
  expect(unfit.report.reasons.join()).toMatch(/x\/report@2/);
  const engine = createEngine({ plugins: [plugin], env: {} });
  const run = engine.start({ ...(await engine.load(KEEP)), io: { in: {}, out: {} } }, { inputs: { in: [{ total: 1 }] } } as never);
  expect((await run.done).reasons.join()).toMatch(/no store to keep them in/);
  await engine.close();
});

it.each(['in memory', 'in a store'])('a timer fires when its time has come: %s', async (where) => {
  const clock = new VirtualClock(0);
  let store: Store | undefined;
  const open = async (): Promise<Store> => (store ??= await openStore({ path: join(folder, 'store.db'), clock }));
  const { outputs, report } = await runGraph(REMIND, {
    plugins: [plugin],
    clock,
    until: '5m',
    ...(where === 'in memory' ? {} : { store: open }),
  });
  expect(report.reasons).toEqual([]);
  expect(outputs['out']).toEqual([{ name: 'order-7', at: 90_000, due: 90_000, order: 7 }]);
  await store?.close();
});

it('a timer that was due while nothing ran fires once in the next run, and in no later one', async () => {
  const life = async (from: number, until: string): Promise<readonly unknown[]> => {
    const clock = new VirtualClock(from);
    const store = await openStore({ path: join(folder, 'store.db'), clock });
    const { outputs } = await runGraph(REMIND, { plugins: [plugin], clock, until, store: () => Promise.resolve(store) });
    await store.close();
    return outputs['out']!;
  };
  expect(await life(0, '1m')).toEqual([]);
  // Two hours later.
  expect(await life(7_200_000, '1m')).toEqual([{ name: 'order-7', at: 7_200_000, due: 90_000, order: 7 }]);
  // It was done: from here on it is set anew.
  expect(await life(7_300_000, '1m')).toEqual([]);
});

const SCHEDULE = {
  text: `version: 2
name: scheduled
nodes:
  at: { type: core/schedule, config: { cron: '*/10 * * * *', timezone: Asia/Kolkata } }
  work: { type: x/work }
outputs:
  out: { from: work }
edges:
  - at -> work
`,
};

/** Fails at the moments that it is told. */
class Work {
  static fails = 0;
  process(packet: Packet<Moment>): Packet<Moment> {
    if (Work.fails-- > 0) throw new Error('not now');
    return packet;
  }
}
Node({ type: 'x/work', kind: 'transform', summary: 'Works.', in: { in: port(Any, 'Moments.') }, out: { out: port(Any, 'The same.') } })(
  Work as unknown as NodeClass,
);
const scheduled = [core, definePlugin({ name: 'x', nodes: [Work as unknown as NodeClass] })];

it.each(['in memory', 'in a store'])('a schedule tells its moments, and one that failed again: %s', async (where) => {
  const clock = new VirtualClock(0);
  let store: Store | undefined;
  const open = async (): Promise<Store> => (store ??= await openStore({ path: join(folder, 'store.db'), clock }));
  Work.fails = 2;
  const { outputs } = await runGraph(SCHEDULE, {
    plugins: scheduled,
    clock,
    until: '25m',
    ...(where === 'in memory' ? {} : { store: open }),
  });
  expect(outputs['out']).toEqual([
    // After waits of one and of two seconds.
    { due: '1970-01-01T00:10:00.000Z', late_ms: 3_000 },
    { due: '1970-01-01T00:20:00.000Z', late_ms: 0 },
  ]);
  await store?.close();
});

it('moments that passed while nothing ran are told once, late, and those that are done not again', async () => {
  const life = async (from: number, until: string): Promise<readonly unknown[]> => {
    const clock = new VirtualClock(from);
    const store = await openStore({ path: join(folder, 'store.db'), clock });
    const { outputs } = await runGraph(SCHEDULE, { plugins: scheduled, clock, until, store: () => Promise.resolve(store) });
    await store.close();
    return outputs['out']!;
  };
  const MINUTE = 60_000;
  expect(await life(0, '11m')).toEqual([{ due: '1970-01-01T00:10:00.000Z', late_ms: 0 }]);
  expect(await life(12 * MINUTE, '1m')).toEqual([]);
  expect(await life(45 * MINUTE, '6m')).toEqual([
    { due: '1970-01-01T00:20:00.000Z', late_ms: 25 * MINUTE },
    { due: '1970-01-01T00:50:00.000Z', late_ms: 0 },
  ]);
});

it('a schedule that is none is told where it is written', () => {
  const text = SCHEDULE.text.replace('*/10 * * * *', '61 * * * *').replace('Asia/Kolkata', 'Mars/Olympus');
  const { diagnostics } = checkGraph({ text, file: 'scheduled.yaml' }, { catalogues: scheduled.map(catalogueOf) });
  expect(diagnostics.map(({ code, line, message }) => [code, line, message.slice(0, 60)])).toEqual([
    ['CONFIG_PATTERN', 4, 'core/schedule: `cron` must be a cron expression: five fields'],
    ['CONFIG_PATTERN', 4, 'core/schedule: `timezone` must be a time zone such as UTC or'],
  ]);
});
