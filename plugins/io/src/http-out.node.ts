import { IsArray, IsIn, IsInt, IsObject, IsUrl, Matches, Max, Min } from 'class-validator';
import { Any, Doc, IsDuration, ms, Node, port, SluiceError, toJsonText, type Context, type EffectState, type Packet } from '@sluice/sdk';
import type { Pool } from 'undici';
import { within } from './within';

export class HttpOutConfig {
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  @Doc('Address. User, password and query are never printed.', { examples: ['https://example.org/api/events'] })
  url!: string;
  @IsIn(['POST', 'PUT', 'PATCH']) @Doc('Method.') method: 'POST' | 'PUT' | 'PATCH' = 'POST';
  @IsIn(['packet', 'payload']) @Doc('What is sent: the packet with its header, or the payload alone.') body: 'packet' | 'payload' =
    'payload';
  @IsObject() @Doc('Further headers, such as authorization.', { secret: true }) headers: Record<string, string> = {};
  @Matches(/^[\w-]*$/)
  @Doc('Header with the key of the packet, by which the receiver knows a second try; empty sends none.')
  idempotency_header = 'Idempotency-Key';
  @IsDuration() @Doc('For one request, answer included.') timeout = '3s';
  @IsInt() @Min(1) @Max(256) @Doc('Connections at most; how many requests run at a time is the concurrency of the node.') connections = 8;
  @IsArray()
  @IsInt({ each: true })
  @Doc('Answers after which a second try may succeed; how often is tried is the retry of the node.')
  retry_on: number[] = [408, 409, 425, 429, 500, 502, 503, 504];
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | string[] | undefined;
}

@Node({
  type: 'io/http-out',
  kind: 'sink',
  summary: 'Sends each packet as JSON to an HTTP address.',
  doc: 'An answer of 2xx is success; redirects are not followed. It tries once: put `retry`, `timeout`, `circuit` and `rate` on the node. A wait that the receiver asks for (Retry-After) is in the details of the error as `retry_after_ms`. Counters `sent` and `refused`.',
  config: HttpOutConfig,
  in: { in: port(Any, 'Packets that JSON can carry.') },
  examples: [
    { title: 'Events to a service', config: { url: 'http://127.0.0.1:8080/api/events' } },
    { title: 'With a token', config: { url: 'https://example.org/hook', headers: { authorization: 'Bearer secret' }, timeout: '10s' } },
  ],
})
export class HttpOutNode {
  private readonly target: URL;
  /** The address without user, password and query. */
  readonly shown: string;
  private pool: Pool | undefined;

  constructor(private readonly config: HttpOutConfig) {
    this.target = new URL(config.url);
    this.shown = `${this.target.origin}${this.target.pathname}${this.target.search === '' ? '' : '?...'}`;
  }

  open(): void {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- a hundred files that only a graph with this node needs
    const { Pool } = require('undici') as typeof import('undici');
    this.pool = new Pool(this.target.origin, { connections: this.config.connections, connect: { timeout: ms(this.config.timeout) } });
  }

  async write(packet: Packet, ctx: Context): Promise<void> {
    const body = toJsonText(this.config.body === 'payload' ? packet.payload : packet.toJSON());
    const answer = await within(ctx.signal, ms(this.config.timeout), (signal) => this.post(packet, body, signal)).catch(
      (error: unknown) => {
        throw this.unanswered(error, ctx);
      },
    );
    if (answer.status >= 200 && answer.status < 300) return ctx.count('sent');
    ctx.count('refused');
    throw this.refused(answer.status, retryAfterMs(answer.retryAfter, ctx.now()));
  }

  /** What is under way has been answered or timed out by now; idle connections are cut. */
  async close(): Promise<void> {
    await this.pool?.destroy();
  }

  private async post(packet: Packet, body: string, signal: AbortSignal): Promise<Answer> {
    const answer = await this.pool!.request({
      path: `${this.target.pathname}${this.target.search}`,
      method: this.config.method,
      headers: this.headers(packet),
      body,
      signal,
    });
    await answer.body.dump({ limit: 65_536, signal });
    return { status: answer.statusCode, retryAfter: answer.headers['retry-after'] };
  }

  private headers(packet: Packet): Record<string, string> {
    const { idempotency_header, headers } = this.config;
    const { username, password } = this.target;
    return {
      'content-type': 'application/json',
      ...(username === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}` }),
      ...(idempotency_header === '' ? {} : { [idempotency_header]: headerText(packet.key) }),
      ...headers,
    };
  }

  private refused(status: number, retry_after_ms: number | undefined): SluiceError {
    const retryable = this.config.retry_on.includes(status);
    return new SluiceError('HTTP_REFUSED', `${this.shown} answered ${status}.`, {
      retryable,
      effectState: status >= 500 ? 'unknown' : 'none',
      details: { status, ...(retry_after_ms === undefined ? {} : { retry_after_ms }) },
      hint: retryable
        ? 'Try again later; put retry on the node to have it done.'
        : 'Check url, headers and body against what the receiver wants.',
    });
  }

  private unanswered(error: unknown, ctx: Context): SluiceError {
    if (ctx.signal.aborted) return new SluiceError('CANCELLED', `The request to ${this.shown} was cancelled.`, { effectState: 'unknown' });
    const { name, code } = error as { name: string; code?: string };
    const noConnection = code === 'UND_ERR_CONNECT_TIMEOUT';
    if (name === 'TimeoutError' || noConnection) {
      return new SluiceError('HTTP_TIMEOUT', `${this.shown} did not answer in ${this.config.timeout}.`, {
        retryable: true,
        effectState: noConnection ? 'none' : 'unknown',
        hint: 'Check that it is up, or raise timeout.',
      });
    }
    const effectState: EffectState = NEVER_SENT.has(code ?? '') ? 'none' : 'unknown';
    // The message of the cause may hold the address with its password.
    return new SluiceError('HTTP_UNREACHABLE', `${this.shown} cannot be reached (${code ?? name}).`, {
      retryable: true,
      effectState,
      details: { code },
      hint: 'Check that it is up, and the address.',
    });
  }
}

const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Headers carry visible ASCII only. */
function headerText(key: string): string {
  return /^[\x21-\x7e]+$/.test(key) ? key : encodeURIComponent(key);
}
