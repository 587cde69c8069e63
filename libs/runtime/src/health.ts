import { SluiceError, type Log } from '@sluice/sdk';
import { Subject } from 'rxjs';
import type { RunEvent, RunStatus } from './api';
import type { Clock } from './clock';
import type { DeliveryCounts } from './delivery';
import { Retried } from './retried';
import type { Stage } from './stage';

/** What is heard of a run while it lives, and what is to be said of how it went: its events, its log, its status and the reasons for that. */
export class RunHealth {
  readonly events = new Subject<RunEvent>();
  readonly deliveries: DeliveryCounts = { acked: 0, nacked: 0, cancelled: 0 };
  /** Packets that failed and come again. */
  readonly again = new Retried();
  private broken = false;
  /** By what they are about: the last one of each stands. */
  private readonly reasons = new Map<string, string>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get status(): RunStatus {
    if (this.broken) return 'error';
    return this.why().length > 0 ? 'degraded' : 'ok';
  }

  why(): string[] {
    const lost = this.deliveries.nacked - this.again.nacked;
    return [...this.reasons.values(), ...this.again.why(), ...(lost > 0 ? [`${lost} packets could not be delivered.`] : [])];
  }

  /** It is not ok, for this reason. */
  degrade(about: string, reason: string): void {
    this.reasons.set(about, reason);
  }

  /** It does not end as it should. */
  break(about?: string, reason?: string): void {
    this.broken = true;
    if (about !== undefined && reason !== undefined) this.degrade(about, reason);
  }

  /** Counts a failure of a node, and tells of it. */
  failed(stage: Stage, error: SluiceError): void {
    const node = stage.node.id;
    stage.errors++;
    stage.lastError = { code: error.code, message: error.message, at: this.now() };
    // The first and then ever rarer ones: a node that throws on each packet must not drown the log.
    const rare = (stage.errors & (stage.errors - 1)) === 0;
    this.event('node:failed', { node, code: error.code, message: error.message, ...(rare ? { details: { stack: stackOf(error) } } : {}) });
    if (rare) this.log.error(`${node}: ${error.message}`, { code: error.code, node, count: stage.errors, hint: error.hint });
  }

  /** A node cannot do its work, or the store of an edge its own: somebody should know why nothing comes. Undefined: it can again. */
  troubled(of: { readonly node: string } | { readonly edge: string }, cause: Error | undefined): void {
    const [[kind, id]] = Object.entries(of) as [[string, string]];
    const about = `trouble of ${id}`;
    const told = 'node' in of ? of : { details: of };
    if (cause === undefined) {
      if (!this.reasons.delete(about)) return;
      this.event(`${kind}:recovered`, told);
      return this.log.info(`${id} can go on.`, of);
    }
    const error = SluiceError.from(cause, 'NODE_FAILED');
    const message = `${id} cannot go on: ${error.message}`;
    if (this.reasons.get(about) === message) return;
    this.degrade(about, message);
    this.event(`${kind}:waiting`, { ...told, code: error.code, message });
    this.log.warn(message, { ...of, code: error.code, hint: error.hint });
  }

  /** Nothing in it can move any more. */
  stalled(error: SluiceError): void {
    this.break(error.code, `${error.code}: ${error.message}`);
    this.log.error(error.message, { code: error.code, hint: error.hint });
    this.event('run:stalled', { code: error.code, message: error.message });
  }

  event(event: string, more: Partial<RunEvent> = {}): void {
    if (this.events.observed) this.events.next({ event, at: this.now(), ...more });
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

/** Where an error came from, and where what caused it did. */
function stackOf(error: Error, causes = 4): string {
  const { stack = String(error), cause } = error;
  return cause instanceof Error && causes > 0 ? `${stack}\nCaused by: ${stackOf(cause, causes - 1)}` : stack;
}
