import { Image, SluiceError } from '@sluice/sdk';
import type { Run, RunEvent } from '@sluice/runtime';
import { Subscription } from 'rxjs';
import { EventLog, NO_CAUSE, type Cause } from './event-log';

/** An output of the port type Image, with its newest picture. */
export interface Preview {
  readonly run: string;
  readonly node: string;
  readonly port: string;
  /** The newest picture; undefined until the first one. */
  readonly latest: Image | undefined;
}

/** Runs that ended and are still shown. */
const KEPT_RUNS = 16;

type Watcher = (preview: Preview) => void;

class Watched implements Preview {
  latest: Image | undefined;
  readonly watchers = new Set<Watcher>();

  constructor(
    readonly run: string,
    readonly node: string,
    readonly port: string,
  ) {}

  show(picture: Image): void {
    this.latest = picture;
    for (const watcher of this.watchers) watcher(this);
  }
}

interface Entry {
  readonly run: Run;
  readonly previews: readonly Watched[];
  readonly subscription: Subscription;
  /** What asked for it. */
  readonly cause: Cause;
  /** Parameters that were given for it: a new plan in its place gets them, too. */
  readonly params: Readonly<Record<string, unknown>>;
  /** The run that it takes over from. */
  readonly from: string | undefined;
  /** Another run takes over, and all its sources go on in it: what comes waits for a moment, and is not refused. */
  handsOver: boolean;
}

/** The runs of this process, in the order in which they were added: what the server shows. */
export class Runs {
  readonly #entries = new Map<string, Entry>();
  /** What happened in this process, the runs' events among it. */
  readonly events: EventLog;
  #phase: 'starting' | 'ready' | 'draining' = 'starting';

  constructor(options: { readonly events?: EventLog } = {}) {
    this.events = options.events ?? new EventLog();
  }

  /**
   * Adds a run, keeps its newest pictures and its last events.
   * @param from the run that it takes over from
   */
  add(run: Run, cause: Cause = NO_CAUSE, params: Readonly<Record<string, unknown>> = {}, from?: string): void {
    const subscription = new Subscription();
    const previews = run.plan.nodes.flatMap((node) =>
      Object.entries(node.out)
        .filter(([, port]) => port.type === Image.name)
        .map(([port]) => new Watched(run.id, node.id, port)),
    );
    // One picture per port is kept, so that a page that opens late, or after the end, has something to show at once.
    for (const preview of previews) {
      subscription.add(
        run.tap(preview.node, preview.port).subscribe({ next: (packet) => preview.show(packet.payload as Image), error: () => undefined }),
      );
    }
    subscription.add(run.events.subscribe({ next: (event) => this.#note(run.id, event, cause), error: () => undefined }));
    this.#entries.set(run.id, { run, previews, subscription, cause, params, from, handsOver: false });
    this.#forgetOld();
  }

  list(): readonly Run[] {
    return [...this.#entries.values()].map((entry) => entry.run);
  }

  get(id: string): Run | undefined {
    return this.#entries.get(id)?.run;
  }

  /** @throws SluiceError RUN_NOT_FOUND */
  need(id: string): Run {
    const run = this.get(id);
    if (run !== undefined) return run;
    throw new SluiceError('RUN_NOT_FOUND', `There is no run ${JSON.stringify(id)}.`, {
      hint: '`sluice top --once` and GET /api/v1/runs list those that go.',
    });
  }

  /** Parameters that were given for a run. */
  params(id: string): Readonly<Record<string, unknown>> {
    return this.#entries.get(id)?.params ?? {};
  }

  previews(id: string): readonly Preview[] {
    return this.#entries.get(id)?.previews ?? [];
  }

  /** The first picture output of the first run that has one. */
  firstPreview(): Preview | undefined {
    for (const { previews } of this.#entries.values()) if (previews[0] !== undefined) return previews[0];
    return undefined;
  }

  /** Calls `watcher` with each new picture until the returned function is called. */
  watch(preview: Preview, watcher: Watcher): () => void {
    const own = this.#entries.get(preview.run)?.previews.find((one) => one.node === preview.node && one.port === preview.port);
    own?.watchers.add(watcher);
    return () => own?.watchers.delete(watcher);
  }

  /** What asked for a run. */
  cause(id: string): Cause {
    return this.#entries.get(id)?.cause ?? NO_CAUSE;
  }

  /**
   * `starting` until told otherwise; then what the runs are doing. While a run takes over from another it is `ready` where all sources go
   * on: nothing that comes is refused.
   */
  get phase(): 'starting' | 'ready' | 'draining' {
    if (this.#phase !== 'ready') return this.#phase;
    const states = [...this.#entries.values()].flatMap(({ run, from, handsOver }) =>
      handsOver || (from !== undefined && this.#entries.get(from)?.handsOver === true && run.figures().state === 'starting')
        ? []
        : [run.figures().state],
    );
    if (states.includes('draining')) return 'draining';
    return states.includes('starting') ? 'starting' : 'ready';
  }

  set phase(phase: 'starting' | 'ready' | 'draining') {
    this.#phase = phase;
  }

  /** Lets go of all runs; they go on. */
  clear(): void {
    for (const { subscription } of this.#entries.values()) subscription.unsubscribe();
    this.#entries.clear();
  }

  #note(run: string, { event, at, ...rest }: RunEvent, { request_id, correlation_id }: Cause): void {
    if (event === 'run:replaced') this.#replaced(run, (rest.details as { kept: readonly string[] }).kept);
    const name = event.split(':').length > 2 ? event : `runtime:${event}`;
    const kind = event.split(':')[0]!;
    const details = (rest.details ?? {}) as Readonly<Record<string, unknown>>;
    const id = rest.node ?? (typeof details[kind] === 'string' ? (details[kind] as string) : run);
    this.events.emit(name, { kind, id }, { run, ...rest }, { request_id, correlation_id: correlation_id ?? run }, at);
  }

  #replaced(id: string, kept: readonly string[]): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const sources = entry.run.plan.nodes.filter(({ kind }) => kind === 'source');
    entry.handsOver = sources.every((source) => kept.includes(source.id));
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter(({ run }) => run.figures().state === 'done');
    for (const { run, subscription } of ended.slice(0, Math.max(0, this.#entries.size - KEPT_RUNS))) {
      subscription.unsubscribe();
      this.#entries.delete(run.id);
    }
  }
}
