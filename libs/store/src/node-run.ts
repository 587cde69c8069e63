import {
  SluiceError,
  to,
  To,
  toJsonText,
  Packet,
  type CallRecorder,
  type Context,
  type InputRecord,
  type LeftOver,
  type Probed,
  type RecordedCall,
  type StateTurn,
} from '@sluice/sdk';
import type { EntityRecord, RunJournal } from './journal';
import { NODE_RUN } from './machines';
import { interrupted } from './reconcile';
import type { StoredState } from './state';
import type { Store } from './store';

/** A result as it is stored. */
interface StoredValue {
  readonly payload: unknown;
  readonly port?: string;
  readonly kind?: string;
  readonly meta?: Readonly<Record<string, unknown>>;
  /** It was a packet of the node's own making or one that it passed on. */
  readonly packet?: true;
}

interface StoredResult {
  readonly several: boolean;
  readonly values: readonly StoredValue[];
}

/** Most attempts of one packet that are told apart. */
const ATTEMPTS = 1_000;

/** What node runs share in one run. */
export interface NodeRunHost {
  readonly store: Store;
  readonly journal: RunJournal;
  readonly run: string;
  readonly graph: string;
  readonly state: StoredState;
  /** Whether a run of that id is surely over. */
  over(run: string): Promise<boolean>;
}

/**
 * Calls of one node as node runs. The id of a node run is made of graph, node and the packet's key, so a packet that
 * comes again, in this process or a later one, finds its own; `#2` and so on are attempts after one that failed.
 */
export class NodeRuns implements CallRecorder {
  readonly whole = true;
  /** Those of this process that are under way; who comes with the same key waits. */
  private readonly working = new Map<string, Promise<void>>();
  private readonly claimed = new WeakMap<RecordedCall, EntityRecord>();
  private readonly next = new WeakMap<RecordedCall, string>();
  private readonly before = new WeakMap<RecordedCall, Promise<void>>();

  constructor(
    private readonly host: NodeRunHost,
    private readonly node: string,
    private readonly effect: boolean,
    private readonly probe?: (packet: Packet, ctx: Context) => Promise<Probed>,
    private readonly turnOf?: (packet: Packet) => StateTurn | undefined,
  ) {}

  trace(call: RecordedCall): () => void {
    const key = this.idOf(call);
    const before = this.working.get(key);
    if (before !== undefined) this.before.set(call, before);
    let end!: () => void;
    const working = new Promise<void>((resolve) => (end = resolve));
    this.working.set(key, working);
    return () => {
      if (this.working.get(key) === working) this.working.delete(key);
      end();
    };
  }

  async recall(call: RecordedCall): Promise<{ readonly value: unknown } | undefined> {
    const [packet] = call.packets as [Packet];
    const first = this.idOf(call);
    await this.before.get(call);
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      const id = attempt === 1 ? first : `${first}#${attempt}`;
      let known = await this.host.journal.read(NODE_RUN.type, id);
      if (known !== undefined && (known.state === 'running' || known.state === 'uncertain'))
        known = await this.settled(known, packet, call.ctx);
      if (known === undefined) {
        this.next.set(call, id);
        return undefined;
      }
      if (known.state === 'succeeded' || known.state === 'skipped') {
        const result = resultOf(known);
        if (result.values.length > 0) this.untilSent(packet, id);
        return { value: revived(result, packet) };
      }
    }
    throw new SluiceError('EFFECT_UNCERTAIN', `${first} was tried ${ATTEMPTS} times.`, { hint: 'Find out why it fails.' });
  }

  async claim(call: RecordedCall): Promise<(error?: unknown) => Promise<void>> {
    const [packet] = call.packets as [Packet];
    const id = this.next.get(call)!;
    const { graph, run } = this.host;
    const data = { graph, node: this.node, key: packet.key, effect: this.effect };
    try {
      this.claimed.set(call, await this.host.journal.change({ machine: NODE_RUN.type, id, to: 'running', from: null, run, data }));
    } catch (error) {
      // Another process was faster: what comes of it is known when it is done.
      if (SluiceError.is(error, 'CONFLICT')) throw inProgress(id, error);
      throw error;
    }
    return (error) => (error === undefined ? Promise.resolve() : this.failed(call, error));
  }

  async commit(call: RecordedCall, result: unknown, several = false): Promise<void> {
    const [packet] = call.packets as [Packet];
    const { id, version } = this.claimed.get(call)!;
    const values = several ? (result as readonly unknown[]) : result === undefined ? [] : [result];
    const stored: StoredResult = { several, values: values.map(storable) };
    toJsonText(stored);
    const { graph, run, store, journal, state } = this.host;
    const outgoing = values.length > 0;
    const turn = this.turnOf?.(packet);
    const changed = turn?.take() ?? [];
    const change = {
      machine: NODE_RUN.type,
      id,
      from: 'running',
      version,
      to: 'succeeded',
      data: { result: stored, ...(outgoing ? { input: inputOf(packet) } : {}) },
      ...(outgoing ? { outbox: { id, graph, node: this.node, run, at: store.clock.now() } } : {}),
      ...(changed.length > 0 ? { state: state.rows(changed) } : {}),
    };
    try {
      await journal.change(change);
    } catch (error) {
      turn?.undo();
      throw error;
    }
    turn?.written();
    this.claimed.delete(call);
    if (outgoing) this.untilSent(packet, id);
  }

  private untilSent({ origin }: Packet, id: string): void {
    origin.delivery?.whenDone?.((outcome) => void (outcome === 'nacked' ? undefined : sent(this.host.store, id)));
  }

  private idOf({ packets }: RecordedCall): string {
    return `${this.host.graph}/${this.node}/${packets[0]!.key}`;
  }

  /** What it is now that was under way: of this or another process, alive or gone. */
  private async settled(known: EntityRecord, packet: Packet, ctx: Context): Promise<EntityRecord> {
    const { journal, run, over } = this.host;
    let now = known;
    if (now.state === 'running') {
      if (now.run !== null && now.run !== run && !(await over.call(this.host, now.run))) throw inProgress(now.id);
      now = await journal.change({
        machine: NODE_RUN.type,
        id: now.id,
        from: 'running',
        version: now.version,
        to: interrupted(now.data),
        reason: 'its process ended while it was under way',
      });
    }
    if (now.state !== 'uncertain') return now;
    const probed = (await this.probe?.(packet, ctx)) ?? 'unknown';
    if (probed === 'unknown') throw uncertain(now.id);
    return journal.change({
      machine: NODE_RUN.type,
      id: now.id,
      from: 'uncertain',
      version: now.version,
      to: probed === 'applied' ? 'succeeded' : 'failed',
      reason: `probed: ${probed}`,
      actor: 'probe',
      ...(probed === 'applied' ? { data: { result: { several: false, values: [] } } } : {}),
    });
  }

  private async failed(call: RecordedCall, error: unknown): Promise<void> {
    const claimed = this.claimed.get(call);
    if (claimed === undefined) return;
    this.claimed.delete(call);
    const { code, message, effectState } = SluiceError.from(error, 'NODE_FAILED');
    const unknown = this.effect && effectState === 'unknown';
    const to = unknown ? 'uncertain' : code === 'CANCELLED' ? (this.effect ? 'uncertain' : 'canceled') : 'failed';
    await this.host.journal.change({
      machine: NODE_RUN.type,
      id: claimed.id,
      from: 'running',
      version: claimed.version,
      to,
      reason: message.slice(0, 500),
      data: { code },
    });
  }
}

/** Its packets have arrived. */
function sent(store: Store, id: string): Promise<unknown> {
  return store.write((tx) => tx.run('DELETE FROM outbox WHERE id = ?', [id])).catch(() => undefined);
}

/** Results of earlier runs that were committed, and whose packets have not all arrived. */
export async function leftOver(
  store: Store,
  graph: string,
  node: string,
  over: (run: string) => Promise<boolean>,
): Promise<readonly LeftOver[]> {
  const rows = await store.read<{ id: string; run: string; data: string }>(
    `SELECT o.id, o.run, e.data FROM outbox o JOIN entities e ON e.machine = '${NODE_RUN.type}' AND e.id = o.id
     WHERE o.graph = ? AND o.node = ? ORDER BY o.at, o.id`,
    [graph, node],
  );
  const left: LeftOver[] = [];
  for (const { id, run, data } of rows) {
    if (!(await over(run))) continue;
    const { input } = JSON.parse(data) as { input: InputRecord };
    left.push({ input, done: () => void sent(store, id) });
  }
  return left;
}

function inputOf({ origin, path, kind, meta, from }: Packet): InputRecord {
  const { key: root, time, sourceId } = origin;
  return { root, path, kind, meta, time, source_id: sourceId, from: { node: from.node, port: from.port } };
}

function storable(value: unknown): StoredValue {
  if (value instanceof To) {
    const { kind, meta } = value.emission;
    return { ...storable(value.payload), port: value.to, ...(kind === undefined ? {} : { kind }), ...(meta === undefined ? {} : { meta }) };
  }
  return value instanceof Packet ? { payload: value.payload, kind: value.kind, meta: value.meta, packet: true } : { payload: value };
}

function resultOf({ data }: EntityRecord): StoredResult {
  return (data['result'] as StoredResult | undefined) ?? { several: false, values: [] };
}

/** The result of an earlier call, for the packet that asks: it belongs to that one's delivery. */
function revived({ several, values }: StoredResult, packet: Packet): unknown {
  const again = values.map((value) => revivedValue(value, packet));
  if (!several) return again[0];
  return (function* (): Generator<unknown, void> {
    yield* again;
  })();
}

function revivedValue({ payload, port, kind, meta, packet: made }: StoredValue, packet: Packet): unknown {
  if (made === true) {
    const again = packet.with(payload, meta, kind);
    return port === undefined ? again : to(port, again);
  }
  if (port === undefined) return payload;
  return to(port, payload, { ...(kind === undefined ? {} : { kind }), ...(meta === undefined ? {} : { meta }) });
}

function uncertain(id: string): SluiceError {
  return new SluiceError(
    'EFFECT_UNCERTAIN',
    `Nobody knows whether the effect of ${id} happened: its process ended, or its answer was lost.`,
    {
      effectState: 'unknown',
      details: { node_run: id },
      hint: `Find out, then say \`sluice runs skip ${id}\` where it happened, or \`sluice runs retry ${id}\` where it did not.`,
    },
  );
}

function inProgress(id: string, cause?: unknown): SluiceError {
  return new SluiceError('IN_PROGRESS', `Another process is at work on ${id}.`, {
    retryable: true,
    cause,
    hint: 'Its result will be given when it comes again.',
  });
}
