import { SluiceError, type Context } from '@sluice/sdk';
import type { ZoneShape } from '../ports';
import type { ZoneOrigin } from './zone-origin';

export interface CacheOptions {
  /** Zones are good for so long, ms. */
  readonly ttl: number;
  /** After so many failures in a row the circuit opens ... */
  readonly maxFailures: number;
  /** ... and nobody is asked for so long, ms. */
  readonly backoff: number;
}

/**
 * The zones of an origin, kept and fetched again beside the stream: reading them never waits. What was good last is used
 * until the origin gives something new.
 */
export class ZoneCache {
  private kept: readonly ZoneShape[] = [];
  private due = -Infinity;
  private failures = 0;
  private loading: Promise<void> | undefined;
  private readonly stop = new AbortController();

  constructor(
    private readonly origin: ZoneOrigin,
    private readonly options: CacheOptions,
    private readonly ctx: Context,
  ) {}

  /** The zones now; starts to fetch them again where they are due. */
  current(): readonly ZoneShape[] {
    if (this.loading === undefined && !this.stop.signal.aborted && this.ctx.now() >= this.due) {
      this.loading = this.load()
        .catch((error: unknown) => this.failed(error))
        .finally(() => (this.loading = undefined));
    }
    return this.kept;
  }

  /**
   * Fetches them for the first time. With `must` a failure is thrown, else they are tried again while the graph runs.
   * @throws SluiceError ZONES_UNREADABLE, ZONES_INVALID
   */
  async first(must: boolean): Promise<void> {
    await this.load().catch((error: unknown) => {
      if (must) throw error;
      this.failed(error);
    });
  }

  /** Resolves when nothing is being fetched. */
  async settled(): Promise<void> {
    await this.loading;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.loading;
  }

  private async load(): Promise<void> {
    const { ctx, options } = this;
    const list = await this.origin(this.stop.signal);
    if (this.failures >= options.maxFailures) ctx.log.info('Zones can be read again.');
    this.failures = 0;
    this.due = ctx.now() + options.ttl;
    ctx.count(list === undefined ? 'zones_unchanged' : 'zones_loaded');
    if (list === undefined) return;
    this.kept = list.zones;
    if (list.invalid.length === 0) return;
    ctx.count('zones_invalid', list.invalid.length);
    ctx.log.warn(`ZONES_INVALID_POLYGON: ${list.invalid.join('; ')}.`, { code: 'ZONES_INVALID_POLYGON' });
  }

  private failed(error: unknown): void {
    const { ctx, options } = this;
    if (this.stop.signal.aborted) return;
    ctx.count('zones_failed');
    if (++this.failures < options.maxFailures) return;
    this.due = ctx.now() + options.backoff;
    const { message } = SluiceError.from(error, 'ZONES_UNREADABLE');
    ctx.log.warn(`${message} It failed ${this.failures} times in a row and is asked again in ${options.backoff} ms.`);
  }
}
