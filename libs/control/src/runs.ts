import { Image, SluiceError } from '@sluice/sdk';
import type { Run, RunEvent } from '@sluice/runtime';
import { Subscription } from 'rxjs';

/** An output of the port type Image, with its newest picture. */
export interface Preview {
  readonly run: string;
  readonly node: string;
  readonly port: string;
  /** The newest picture; undefined until the first one. */
  readonly latest: Image | undefined;
}

/** An event of a run with its place in the server's order of events. */
export interface Numbered {
  readonly cursor: number;
  readonly run: string;
  readonly event: RunEvent;
}

/** Runs that ended and are still shown. */
const KEPT_RUNS = 16;
/** Events that a client can come back for. */
const KEPT_EVENTS = 256;

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
}

/** The runs of this process, in the order in which they were added: what the server shows. */
export class Runs {
  readonly #entries = new Map<string, Entry>();
  readonly #events: Numbered[] = [];
  readonly #eventWatchers = new Set<() => void>();
  #cursor = 0;
  #phase: 'starting' | 'ready' | 'draining' = 'starting';

  /** Adds a run, keeps its newest pictures and its last events. */
  add(run: Run): void {
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
    subscription.add(run.events.subscribe({ next: (event) => this.#note(run.id, event), error: () => undefined }));
    this.#entries.set(run.id, { run, previews, subscription });
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
    throw new SluiceError('RUN_NOT_FOUND', `There is no run ${JSON.stringify(id)}.`, { hint: 'GET /api/v1/runs lists them.' });
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

  /** The last events after `cursor`, oldest first. */
  eventsAfter(cursor: number): readonly Numbered[] {
    return this.#events.filter((event) => event.cursor > cursor);
  }

  onEvent(watcher: () => void): () => void {
    this.#eventWatchers.add(watcher);
    return () => this.#eventWatchers.delete(watcher);
  }

  /** `starting` until told otherwise; then what the runs are doing. */
  get phase(): 'starting' | 'ready' | 'draining' {
    if (this.#phase !== 'ready') return this.#phase;
    const states = this.list().map((run) => run.figures().state);
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

  #note(run: string, event: RunEvent): void {
    this.#events.push({ cursor: ++this.#cursor, run, event });
    if (this.#events.length > KEPT_EVENTS) this.#events.shift();
    for (const watcher of this.#eventWatchers) watcher();
  }

  #forgetOld(): void {
    const ended = [...this.#entries.values()].filter(({ run }) => run.figures().state === 'done');
    for (const { run, subscription } of ended.slice(0, Math.max(0, this.#entries.size - KEPT_RUNS))) {
      subscription.unsubscribe();
      this.#entries.delete(run.id);
    }
  }
}
