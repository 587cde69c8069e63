import { Any, definePlugin, Doc, Node, port, portType, type Context, type Packet } from '@sluice/sdk';
import { IsBoolean, IsInt } from 'class-validator';
import fc from 'fast-check';
import { createEngine, type Run } from './index';

const Num = portType<{ n: number }>('swap/num@1', { profile: 'json_portable' });

/** What nodes of a test did, by what they are. */
const seen = { sunk: [] as number[], opened: [] as string[], closed: [] as string[] };

class CountConfig {
  @IsBoolean() @Doc('Whether it takes time to give the next.') slow = false;
  @IsInt() @Doc('Ends after so many.') until = 1_000_000;
}

@Node({ type: 'swap/count', kind: 'source', summary: 'Counts.', config: CountConfig, out: { out: port(Num, 'A number.') }, examples: [] })
class Count {
  constructor(private readonly config: CountConfig) {}
  async *slowly(): AsyncGenerator<{ n: number }> {
    for (const one of this.quickly()) {
      if (one.n % 3 === 0) await new Promise((done) => setImmediate(done));
      yield one;
    }
  }
  *quickly(): Generator<{ n: number }> {
    for (let n = 0; n < this.config.until; n++) yield { n };
  }
  read(): Iterable<{ n: number }> | AsyncIterable<{ n: number }> {
    return this.config.slow ? this.slowly() : this.quickly();
  }
}

/** A version that does not open. */
const BROKEN = 99;

class StepConfig {
  @IsInt() @Doc('Something to change.') version = 0;
  @IsBoolean() @Doc('Whether it takes time.') slow = true;
}

@Node({
  type: 'swap/step',
  kind: 'transform',
  summary: 'Passes on.',
  config: StepConfig,
  in: { in: port(Any, '') },
  out: { out: port(Any, '') },
  examples: [],
})
class Step {
  constructor(private readonly config: StepConfig) {}
  open(ctx: Context): void {
    seen.opened.push(`${ctx.node}@${this.config.version}`);
    if (this.config.version === BROKEN) throw new Error('it cannot open');
  }
  close(): void {
    seen.closed.push(`step@${this.config.version}`);
  }
  process(packet: Packet): Packet | Promise<Packet> {
    if (!this.config.slow) return packet;
    return new Promise((done) => setImmediate(() => done(packet)));
  }
}

@Node({ type: 'swap/sink', kind: 'sink', summary: 'Keeps.', in: { in: port(Num, '') }, examples: [] })
class Sink {
  open(): void {
    seen.opened.push('sink');
  }
  close(): void {
    seen.closed.push('sink');
  }
  write({ payload }: Packet<{ n: number }>): void {
    seen.sunk.push(payload.n);
  }
}

const plugin = definePlugin({ name: 'swap', nodes: [Count, Step, Sink] });

interface Shape {
  readonly slowSource: boolean;
  readonly slow: readonly boolean[];
  readonly capacity: number;
  /** Versions of the steps. */
  readonly versions: readonly number[];
}

function graph({ slowSource, slow, capacity, versions }: Shape): object {
  const ids = versions.map((_, i) => `s${i}`);
  const chain = ['count', ...ids, 'sink'];
  return {
    version: 2,
    name: 'swapped',
    nodes: {
      count: { type: 'swap/count', config: { slow: slowSource } },
      ...Object.fromEntries(ids.map((id, i) => [id, { type: 'swap/step', config: { version: versions[i], slow: slow[i] } }])),
      sink: { type: 'swap/sink' },
    },
    edges: chain.slice(1).map((to, i) => ({ [`${chain[i]!} -> ${to}`]: { capacity } })),
  };
}

beforeEach(() => {
  for (const list of Object.values(seen)) list.length = 0;
});
const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((done) => setImmediate(done));
};
const books = (run: Run): unknown[] =>
  run
    .figures()
    .edges.flatMap((edge) => (edge.in === edge.out && edge.in_flight === 0 && Object.keys(edge.dropped).length === 0 ? [] : [edge]));

const shapes = fc.record({
  slowSource: fc.boolean(),
  slow: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
  capacity: fc.constantFrom(1, 2, 64),
});
/** After so many turns, the version that each step has from then on. */
const CASES = Number(process.env['SLUICE_CASES'] ?? 40);
const swaps = fc.array(fc.tuple(fc.nat(12), fc.array(fc.nat(2), { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 4 });

it(
  'loses no packet and gives none twice, whatever is changed whenever, and what did not change is the same instance',
  async () => {
    await fc.assert(
      fc.asyncProperty(shapes, swaps, async (shape, steps) => {
        for (const list of Object.values(seen)) list.length = 0;
        const engine = createEngine({ plugins: [plugin] });
        let run: Run = engine.start(await engine.load(graph({ ...shape, versions: [0, 0, 0] })), { inputs: {} });
        await run.ready;
        const runs = [run];
        for (const [after, versions] of steps) {
          await turns(after);
          run = run.replace(await engine.load(graph({ ...shape, versions })));
          runs.push(run);
          await run.ready;
        }
        await turns(3);
        const report = await run.drain();
        expect(report.status).toBe('ok');
        expect(seen.sunk).toEqual(seen.sunk.map((_, i) => i));
        for (const one of runs) expect(books(one)).toEqual([]);
        expect(seen.opened.filter((what) => what === 'sink')).toEqual(['sink']);
        expect(seen.closed.filter((what) => what === 'sink')).toEqual(['sink']);
        // Each that was opened was closed, once.
        expect(seen.closed.length).toBe(seen.opened.length);
        await engine.close();
      }),
      { numRuns: CASES },
    );
  },
  60_000 + CASES * 400,
);

it('goes on where the source was, and keeps the instances of what did not change', async () => {
  const engine = createEngine({ plugins: [plugin] });
  const shape = { slowSource: true, slow: [true, false], capacity: 64 };
  const first = engine.start(await engine.load(graph({ ...shape, versions: [0, 0] })), { inputs: {} });
  await first.ready;
  await turns(20);
  const before = seen.sunk.length;
  const second = first.replace(await engine.load(graph({ ...shape, versions: [0, 1] })));
  await second.ready;
  expect((await first.done).status).toBe('ok');
  await turns(20);
  await second.drain();
  expect(before).toBeGreaterThan(0);
  expect(seen.sunk.length).toBeGreaterThan(before);
  expect(seen.sunk).toEqual(seen.sunk.map((_, i) => i));
  expect(seen.opened.sort()).toEqual(['s0@0', 's1@0', 's1@1', 'sink']);
  await engine.close();
});

it('lets the old plan go on where a node of the new one cannot open, with what was kept and without a loss', async () => {
  const engine = createEngine({ plugins: [plugin] });
  const shape = { slowSource: true, slow: [true, false], capacity: 64 };
  const first = engine.start(await engine.load(graph({ ...shape, versions: [0, 0] })), { inputs: {} });
  await first.ready;
  await turns(20);
  let third: Run | undefined;
  const second = first.replace(await engine.load(graph({ ...shape, versions: [0, BROKEN] })), {
    onFailed: (back) => (third = back('again')),
  });
  await expect(second.ready).rejects.toMatchObject({ message: 'it cannot open' });
  await third!.ready;
  const before = seen.sunk.length;
  await turns(20);
  expect((await third!.drain()).status).toBe('ok');
  expect([third!.id, third!.plan.hash, (await second.done).status]).toEqual(['again', first.plan.hash, 'error']);
  expect(seen.sunk.length).toBeGreaterThan(before);
  expect(seen.sunk).toEqual(seen.sunk.map((_, i) => i));
  // Opened once, and not closed on the way: the source, s0 and the sink are those of the first run.
  expect(seen.opened.filter((one) => one === 's0@0' || one === 'sink').length).toBe(2);
  expect(seen.closed.filter((one) => one === 'sink').length).toBe(1);
  await engine.close();
});

it('changes nothing where it cannot be done', async () => {
  const engine = createEngine({ plugins: [plugin] });
  const plan = await engine.load(graph({ slowSource: true, slow: [true], capacity: 64, versions: [0] }));
  const run = engine.start(plan, { inputs: {} });
  await run.ready;
  const foreign = { ...plan, nodes: plan.nodes.map((node) => ({ ...node, type: 'none/such' })) };
  expect(() => run.replace(foreign)).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }));
  expect(run.figures().state).toBe('running');
  await run.drain();
  expect(() => run.replace(plan)).toThrow(expect.objectContaining({ code: 'RUN_NOT_REPLACED' }));
  await engine.close();
});
