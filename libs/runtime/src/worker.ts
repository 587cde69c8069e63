import { nodeSpec, SluiceError, type Plugin, type Transform } from '@sluice/sdk';
import { NO_META, Origin, Packet, To, type Meta } from '@sluice/sdk/packet';
import { workerData } from 'node:worker_threads';
import { from, isObservable, lastValueFrom, toArray } from 'rxjs';
import { wallClock } from './clock';
import { childOf, loadModule, makeNode } from './container';
import { contextOf } from './context';
import { Scope } from './scope';

/** Which node a thread runs. */
export interface Setup {
  readonly entry: string;
  readonly plugin: string;
  readonly type: string;
  readonly node: string;
  readonly run: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface Request {
  readonly payload: unknown;
  readonly kind: string;
  readonly meta: Meta;
  readonly port: string;
  readonly id: string;
  readonly sourceId: string;
  readonly time: number;
}

export interface Reply {
  readonly outputs: readonly { readonly port?: string; readonly payload: unknown; readonly meta?: Meta }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    readonly effectState: 'none' | 'applied' | 'unknown';
  };
}

const setup = workerData as Setup;
let counts: Record<string, number> = {};
let made: Promise<{ node: Transform; ctx: ReturnType<typeof contextOf> }> | undefined;

/** Runs one packet through this thread's instance of the node. Nothing but data goes in and out. */
export async function handle(request: Request): Promise<Reply> {
  counts = {};
  try {
    const { node, ctx } = await (made ??= make());
    const { payload, kind, meta, port, sourceId, time } = request;
    const { run, node: id } = setup;
    const origin = new Origin(run, id, sourceId, time, '', null, 0, null);
    const packet = new Packet(
      payload,
      kind,
      meta,
      origin,
      port,
      { run, node: 'worker', port: 'in' },
      0,
      { run: '', node: '', port: '' },
      0,
      '',
    );
    const outputs = await several(node.process(packet as never, ctx));
    return { outputs: outputs.map(asData), counts };
  } catch (error) {
    const { code, message, retryable, effectState } = SluiceError.from(error, 'NODE_FAILED');
    return { outputs: [], counts, error: { code, message, retryable, effectState } };
  }
}

async function make(): Promise<{ node: Transform; ctx: ReturnType<typeof contextOf> }> {
  const { entry, plugin: name, type, node: id, run, config } = setup;
  const exported = Object.values((await import(entry)) as Record<string, unknown>);
  const plugin = exported.find(
    (value): value is Plugin => (value as Partial<Plugin> | undefined)?.name === name && Array.isArray((value as Partial<Plugin>).nodes),
  );
  const cls = plugin?.nodes.find((each) => nodeSpec(each).type === type);
  if (plugin === undefined || cls === undefined) {
    throw new SluiceError('NODE_PLACEMENT', `${entry} exports no plugin ${name} with ${type}.`, {
      hint: 'definePlugin({ entry }) names the file that exports it.',
    });
  }
  const container = childOf(undefined);
  loadModule(container, plugin);
  const node = (await makeNode(cls, id, config, container)) as Transform;
  const absent = (what: string) => () => {
    throw new SluiceError('NODE_PLACEMENT', `${what} is not to be had in a worker.`, { node: id, hint: 'Remove its placement.' });
  };
  const ctx = contextOf(id, counters, {
    runId: run,
    clock: wallClock,
    log: console,
    scope: new Scope(run),
    random: Math.random,
    graph: '',
    over: new AbortController().signal,
    // A worker has no store: it would be a second writer.
    opened: absent('A store'),
    troubled: absent('trouble()'),
    latest: absent('latest()'),
    unit: absent('unit()'),
    session: absent('session()'),
    cancelScope: absent('cancel()'),
    path: absent('path()'),
    outPath: absent('outPath()'),
  });
  await node.open?.(ctx);
  return { node, ctx };
}

/** Counts of the call under way. */
const counters: Record<string, number> = new Proxy({} as Record<string, number>, {
  get: (_, name: string) => counts[name],
  set: (_, name: string, value: number) => {
    counts[name] = value;
    return true;
  },
});

async function several(result: unknown): Promise<readonly unknown[]> {
  const value = await result;
  if (value === undefined) return [];
  if (isObservable(value)) return lastValueFrom(value.pipe(toArray()));
  if (typeof (value as Iterator<unknown>).next === 'function') {
    return lastValueFrom(from(value as AsyncIterable<unknown>).pipe(toArray()));
  }
  return [value];
}

function asData(output: unknown): { port?: string; payload: unknown; meta?: Meta } {
  const inner = output instanceof To ? (output.payload as unknown) : output;
  const port = output instanceof To ? { port: output.to } : {};
  const added = output instanceof To ? output.emission.meta : undefined;
  if (inner instanceof Packet) return { ...port, payload: inner.payload, meta: { ...inner.meta, ...added } };
  return { ...port, payload: inner, ...(added === undefined ? {} : { meta: { ...NO_META, ...added } }) };
}
