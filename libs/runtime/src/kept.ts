import { createHash } from 'node:crypto';
import {
  canonicalJson,
  compilePayloadCheck,
  momentOf,
  outside,
  payloadSchema,
  SluiceError,
  toJsonText,
  type Artifact,
  type ArtifactFilter,
  type ArtifactStore,
  type DurableStore,
  type FiredTimer,
  type KeptArtifact,
  type NodeArtifacts,
  type NodeTimers,
  type PortType,
  type TimerStore,
  type TimerWhen,
} from '@sluice/sdk';
import type { Clock } from './clock';

/** What of a store nodes reach by their context. */
export type Kept = Pick<DurableStore, 'artifacts' | 'timers'>;

/** Whose artifacts and timers they are, and where they are kept. */
export interface Keeper {
  readonly graph: string;
  readonly run: string;
  readonly node: string;
  /** Aborted when no timer is wanted any more. */
  readonly over: AbortSignal;
  /** @throws SluiceError STORE_NEEDED */
  store(): Promise<Kept>;
}

const SCHEMA = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9._-]+)*@\d+$/i;
/** Of an artifact that was made of many packets, so many are named. */
const SOURCES = 64;

export function artifactsOf({ graph, run, node, store }: Keeper): NodeArtifacts {
  // A store lives in real time; that of a test is in memory.
  const of = <V>(ask: (artifacts: ArtifactStore) => Promise<V>): Promise<V> => outside(store().then(({ artifacts }) => ask(artifacts)));
  return {
    async keep(schema, value, { contentType, from = [], ttl, maxCount } = {}) {
      const name = typeof schema === 'string' ? schema : schema.name;
      if (!SCHEMA.test(name)) {
        throw new SluiceError('ARTIFACT_SCHEMA', `${JSON.stringify(name)} is no schema of an artifact.`, {
          node,
          hint: 'Write a name and a version, such as report@1, or give a port type.',
        });
      }
      if (typeof schema !== 'string') check(schema, value, node);
      const raw = value instanceof Uint8Array;
      const sources = from.slice(0, SOURCES).map(({ id, key }) => ({ packet_id: id, key }));
      const kept: KeptArtifact = {
        ...{ schema: name, graph, node, run, sources, contentType: contentType ?? (raw ? 'application/octet-stream' : 'application/json') },
        ...(ttl === undefined ? {} : { ttl: positive(ttl, 'ttl', node) }),
        ...(maxCount === undefined ? {} : { maxCount: positive(maxCount, 'maxCount', node) }),
      };
      // One order of keys: the same value is the same bytes.
      const bytes = raw ? value : new TextEncoder().encode(canonicalJson(JSON.parse(toJsonText(value))));
      return of((artifacts) => artifacts.keep(bytes, kept));
    },
    read: (id) => of((artifacts) => artifacts.read(id)),
    find: (filter) => of((artifacts) => artifacts.find(filter)),
  };
}

function check(type: PortType<unknown>, value: unknown, node: string): void {
  const schema = payloadSchema(type);
  const wrong = schema === undefined ? '' : compilePayloadCheck(schema)(value);
  if (wrong === '') return;
  throw new SluiceError('ARTIFACT_INVALID', `What is to be kept does not fit ${type.name}: ${wrong}.`, {
    node,
    hint: 'Keep what the port type says, or give it another version.',
  });
}

function positive(value: number, what: string, node: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new SluiceError('ARTIFACT_INVALID', `${what} is ${value}.`, {
    node,
    hint: 'It is a whole number above 0; without it there is no limit.',
  });
}

export function timersOf({ graph, run, node, over, store }: Keeper): NodeTimers {
  let opened: Promise<NodeTimers> | undefined;
  const timers = (): Promise<NodeTimers> => (opened ??= outside(store()).then((kept) => kept.timers.of(graph, node, run, over)));
  return {
    set: async (name, when, data) => (await timers()).set(name, when, data),
    ensure: async (name, when, data) => (await timers()).ensure(name, when, data),
    cancel: async (name) => (await timers()).cancel(name),
    async *fired() {
      yield* (await timers()).fired();
    },
  };
}

/** Artifacts and timers of an engine that keeps nothing (`store: 'none'`), for tests in virtual time: they end with it. */
export class MemoryKept implements Kept {
  readonly artifacts: ArtifactStore;
  readonly timers: TimerStore;

  constructor(clock: Clock) {
    this.artifacts = new MemoryArtifacts(clock);
    this.timers = new MemoryTimers(clock);
  }
}

class MemoryArtifacts implements ArtifactStore {
  private readonly all = new Map<string, { readonly artifact: Artifact; readonly bytes: Uint8Array }>();

  constructor(private readonly clock: Clock) {}

  keep(bytes: Uint8Array, { schema, contentType, graph, node, run, sources, ttl, maxCount }: KeptArtifact): Promise<Artifact> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const id = createHash('sha256')
      .update(JSON.stringify([graph, node, schema, sha256]))
      .digest('hex')
      .slice(0, 32);
    const at = this.clock.now();
    const ref = { scheme: 'store', key: sha256, content_type: contentType, size_bytes: bytes.byteLength, sha256 } as const;
    const artifact: Artifact = { id, schema, ref, graph, node, run, sources, at, until: ttl === undefined ? null : at + ttl };
    this.all.delete(id);
    this.all.set(id, { artifact, bytes: bytes.slice() });
    const own = [...this.all.values()].filter(({ artifact: one }) => one.graph === graph && one.node === node && one.schema === schema);
    for (const { artifact: old } of maxCount === undefined ? [] : own.slice(0, -maxCount)) this.all.delete(old.id);
    return Promise.resolve(artifact);
  }

  async get(id: string): Promise<Artifact> {
    return (await this.there(id)).artifact;
  }

  async read(id: string): Promise<Uint8Array> {
    return (await this.there(id)).bytes;
  }

  find({ schema, graph, node, run, limit = 20 }: ArtifactFilter = {}): Promise<readonly Artifact[]> {
    const fits = (one: Artifact): boolean =>
      (schema === undefined || one.schema === schema || one.schema.startsWith(`${schema}@`)) &&
      (graph === undefined || one.graph === graph) &&
      (node === undefined || one.node === node) &&
      (run === undefined || one.run === run);
    return Promise.resolve([...this.live()].filter(fits).reverse().slice(0, limit));
  }

  private *live(): Generator<Artifact, void> {
    const now = this.clock.now();
    for (const { artifact } of this.all.values()) if (artifact.until === null || artifact.until > now) yield artifact;
  }

  private there(id: string): Promise<{ readonly artifact: Artifact; readonly bytes: Uint8Array }> {
    const found = this.all.get(id);
    if (found !== undefined && (found.artifact.until ?? Infinity) > this.clock.now()) return Promise.resolve(found);
    return Promise.reject(new SluiceError('ARTIFACT_UNKNOWN', `There is no artifact ${id}.`, { hint: 'Its time may be over.' }));
  }
}

interface Pending {
  readonly due: number;
  readonly when: TimerWhen;
  readonly data: Readonly<Record<string, unknown>>;
}

class MemoryTimers implements TimerStore {
  constructor(private readonly clock: Clock) {}

  of(graph: string, node: string, _run: string, signal: AbortSignal): NodeTimers {
    const { clock } = this;
    const pending = new Map<string, Pending>();
    let wake = (): void => undefined;
    const set = (name: string, when: TimerWhen, data: Readonly<Record<string, unknown>> = {}): void => {
      pending.set(name, { due: momentOf(when, clock.now()), when, data });
      wake();
    };
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        const cancel = Number.isFinite(ms) ? clock.after(ms, () => wake()) : () => undefined;
        wake = () => {
          cancel();
          signal.removeEventListener('abort', wake);
          wake = () => undefined;
          resolve();
        };
        if (signal.aborted) wake();
        else signal.addEventListener('abort', wake, { once: true });
      });
    return {
      set: async (name, when, data) => set(name, when, data),
      async ensure(name, when, data) {
        const made = !pending.has(name);
        if (made) set(name, when, data);
        return made;
      },
      cancel: async (name) => pending.delete(name),
      async *fired(): AsyncGenerator<FiredTimer, undefined> {
        while (!signal.aborted) {
          const next = [...pending].sort(([, a], [, b]) => a.due - b.due)[0];
          if (next === undefined || next[1].due > clock.now()) {
            await sleep(next === undefined ? Infinity : next[1].due - clock.now());
            continue;
          }
          const [name, { due, when, data }] = next;
          pending.delete(name);
          const done = async (): Promise<void> => ('cron' in when ? set(name, when, data) : undefined);
          yield { name, data, due, key: `timer:${graph}/${node}/${name}:${due}`, done };
        }
        return undefined;
      },
    };
  }
}
