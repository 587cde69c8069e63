import createFetchClient, { type Client, type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type { components, paths } from './schema';

type Schemas = components['schemas'];
/** Shapes of the API by name: `Api['Run']`. */
export type Api = { readonly [K in keyof Schemas]: Schemas[K] };

export interface ClientOptions {
  /** Default: where the page came from. */
  readonly baseUrl?: string;
  /** Bearer token; a browser uses its session. */
  readonly token?: string;
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** A client of the HTTP API, typed by its description. */
export function createClient({ baseUrl = '', token, fetch }: ClientOptions = {}): Client<paths> {
  const client = createFetchClient<paths>({ baseUrl, credentials: 'same-origin', ...(fetch === undefined ? {} : { fetch }) });
  if (token !== undefined) {
    const bearer: Middleware = {
      onRequest({ request }) {
        request.headers.set('authorization', `Bearer ${token}`);
        return request;
      },
    };
    client.use(bearer);
  }
  return client;
}

/**
 * Exchanges the token of a `#token=` link for a session and takes it out of the address.
 * @returns whether there was one and it holds
 */
export async function openSession(
  client: Client<paths>,
  location: { hash: string; pathname: string; search: string },
  forget: (url: string) => void,
): Promise<boolean> {
  const token = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (token === null) return false;
  forget(`${location.pathname}${location.search}`);
  const { response } = await client.POST('/api/v1/session', { body: { token } });
  return response.ok;
}

/** A message of a stream of server-sent events. */
export interface Message {
  readonly event: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

/**
 * Server-sent events over fetch, so that a program can send a token; a browser may use EventSource. Ends when the stream ends.
 * @throws what fetch throws, and an Error with the answer where it is no stream
 */
export async function* messages(
  url: string,
  { token, cursor, signal }: { token?: string; cursor?: string; signal?: AbortSignal } = {},
): AsyncGenerator<Message, void> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (cursor !== undefined) headers['last-event-id'] = cursor;
  const response = await globalThis.fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
  if (!response.ok || response.body === null) throw new Error(await response.text());
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const field = (name: string): string | undefined =>
          part
            .split('\n')
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const data = field('data');
        if (data !== undefined) yield { event: field('event') ?? 'message', data: JSON.parse(data) as unknown, id: field('id') };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
