import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A row as it was put into the queue. */
export interface Row {
  readonly key: string;
  readonly n: number;
}

/** A service on this machine that takes what a graph posts, and knows what it had before by its Idempotency-Key. */
export class Receiver {
  /** Rows that were new, in the order in which they came. */
  readonly rows: Row[] = [];
  /** How often something came again. */
  again = 0;
  readonly #keys = new Set<string>();
  readonly #server: Server;
  #stopAt = Infinity;
  #stopped: () => void = () => undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        // It is told no more: who posts does not know whether this one came.
        if (this.rows.length >= this.#stopAt) return this.#stopped();
        const key = String(request.headers['idempotency-key']);
        if (this.#keys.has(key)) this.again++;
        else this.rows.push(JSON.parse(body) as Row);
        this.#keys.add(key);
        if (this.rows.length >= this.#stopAt) return this.#stopped();
        response.end();
      });
    });
  }

  /** @returns its address */
  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
  }

  /** Takes the n-th row and answers nothing from then on. */
  silentAt(n: number, stopped: () => void): void {
    this.#stopAt = n;
    this.#stopped = stopped;
  }

  goOn(): void {
    this.#stopAt = Infinity;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
