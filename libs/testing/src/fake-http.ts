import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a fake server answers; nothing said is 200 without a body. */
export interface FakeAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text or bytes as they are; all else is sent as JSON. */
  readonly body?: unknown;
  /** It never answers. */
  readonly hang?: true;
  /** The connection breaks before an answer. */
  readonly cut?: true;
}

/** What a fake server was asked. */
export interface FakeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that answers as a test says; `await using` closes it. */
export interface FakeHttp extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string;
  /** What was asked, in order. */
  readonly requests: readonly FakeRequest[];
  close(): Promise<void>;
}

/** One answer for ever, answers in turn of which the last stays, or a function of the request. */
export type FakeAnswers = FakeAnswer | readonly FakeAnswer[] | ((request: FakeRequest) => FakeAnswer);

/**
 * An HTTP server on this machine that answers as a test says: `{ 'POST /events': [{ status: 503 }, { status: 204 }] }`.
 * Of a list each answer is given once, the last for ever; a path that is not named is a 404. Whatever a node asks with,
 * it asks a real server; virtual time stands still meanwhile.
 */
export async function fakeHttp(routes: Readonly<Record<string, FakeAnswers>>): Promise<FakeHttp> {
  const requests: FakeRequest[] = [];
  const asked = new Map<string, number>();
  const answerTo = (request: FakeRequest): FakeAnswer => {
    const name = `${request.method} ${request.path.split('?', 1)[0]}`;
    const answers = routes[name];
    if (answers === undefined) return { status: 404, body: `The test has no answer for ${name}.` };
    if (typeof answers === 'function') return answers(request);
    const list = (Array.isArray(answers) ? answers : [answers]) as readonly FakeAnswer[];
    const n = asked.get(name) ?? 0;
    asked.set(name, n + 1);
    return list[Math.min(n, list.length - 1)] ?? {};
  };
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => void parts.push(part));
    incoming.on('end', () => {
      const { method = 'GET', url: path = '/', headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(parts).toString() };
      requests.push(request);
      const { status = 200, headers: more = {}, body, hang, cut } = answerTo(request);
      if (cut === true) return void incoming.destroy();
      if (hang === true) return;
      const raw = typeof body === 'string' || body instanceof Uint8Array || body === undefined;
      outgoing.writeHead(status, { ...(raw ? {} : { 'content-type': 'application/json' }), ...more });
      outgoing.end(raw ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, close, [Symbol.asyncDispose]: close };
}
