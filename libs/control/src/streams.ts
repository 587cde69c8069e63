import { SluiceError } from '@sluice/sdk';
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';

/** Answers that stay open, of all kinds. A browser opens two. */
const MAX_STREAMS = 64;

/** The answers that stay open: counted, bounded, ended when the server closes. */
export class Streams {
  readonly #open = new Set<ServerResponse>();
  #closed = false;

  /**
   * Takes the answer over from the framework.
   * @throws SluiceError STREAMS_EXHAUSTED
   */
  open(reply: FastifyReply, contentType: string): ServerResponse {
    if (this.#closed || this.#open.size >= MAX_STREAMS) {
      throw new SluiceError('STREAMS_EXHAUSTED', this.#closed ? 'The server is closing.' : `${MAX_STREAMS} streams are open already.`, {
        hint: 'Close a page that watches this server, or try again later.',
        retryable: true,
      });
    }
    reply.hijack();
    const { raw } = reply;
    this.#open.add(raw);
    raw.once('close', () => this.#open.delete(raw));
    // A reader that goes away while we write is no fault.
    raw.on('error', () => undefined);
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': contentType, connection: 'close' });
    raw.flushHeaders();
    return raw;
  }

  /** Ends all of them at once. */
  close(): void {
    this.#closed = true;
    for (const raw of this.#open) {
      raw.end();
      raw.destroy();
    }
  }
}
