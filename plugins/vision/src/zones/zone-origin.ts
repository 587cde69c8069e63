import { readFile, stat } from 'node:fs/promises';
import { SluiceError } from '@sluice/sdk';
import { readZones, type Place, type ZoneList } from './zone-list';

/** Where zones come from. Undefined: they are what they were the last time. */
export type ZoneOrigin = (signal: AbortSignal) => Promise<ZoneList | undefined>;

const LARGEST = 1_000_000;

/** A JSON file; it is read again only when it was written since. */
export function zoneFile(path: string, place: Place): ZoneOrigin {
  let version = '';
  return async () => {
    try {
      const { mtimeMs, size } = await stat(path);
      const now = `${mtimeMs} ${size}`;
      if (now === version) return undefined;
      const list = readZones(await readFile(path, 'utf8'), path, place);
      version = now;
      return list;
    } catch (error) {
      if (SluiceError.is(error)) throw error;
      throw new SluiceError('ZONES_UNREADABLE', `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`, {
        hint: 'Set `path`; a relative one starts at the folder of the graph.',
        cause: error,
      });
    }
  };
}

/** What a service answers to GET. With its ETag it is asked only whether anything is new. */
export function zoneService(url: URL, headers: Readonly<Record<string, string>>, timeoutMs: number, place: Place): ZoneOrigin {
  const { username, password } = url;
  // fetch takes no address with a password.
  const target = new URL(url);
  target.username = target.password = '';
  const shown = `${target.origin}${target.pathname}`;
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  let etag: string | null = null;
  return async (signal) => {
    let status: number;
    let text: string;
    let tag: string | null;
    // By hand: what AbortSignal.any gives may be collected as garbage while only fetch knows it.
    const stop = new AbortController();
    const abort = () => stop.abort();
    const late = setTimeout(abort, timeoutMs);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const answer = await fetch(target, {
        redirect: 'error',
        signal: stop.signal,
        headers: {
          accept: 'application/json',
          ...(username === '' ? {} : { authorization: `Basic ${basic}` }),
          ...(etag === null ? {} : { 'if-none-match': etag }),
          ...headers,
        },
      });
      ({ status } = answer);
      tag = answer.headers.get('etag');
      text = await bodyOf(answer, shown);
    } catch (error) {
      if (SluiceError.is(error)) throw error;
      const { name, cause } = error as Error & { cause?: { code?: string } };
      // The message may hold the query.
      throw new SluiceError(
        'ZONES_UNREADABLE',
        `${shown} gave no zones (${stop.signal.aborted ? `not in ${timeoutMs} ms` : (cause?.code ?? name)}).`,
        {
          retryable: true,
          hint: 'Check that the service is up, and the address.',
        },
      );
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    }
    if (status === 304) return undefined;
    if (status !== 200) {
      throw new SluiceError('ZONES_UNREADABLE', `${shown} answered ${status}.`, {
        hint: 'Check api.url and api.headers.',
        retryable: true,
      });
    }
    const list = readZones(text, shown, place);
    etag = tag;
    return list;
  };
}

async function bodyOf(answer: Response, shown: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += (part as Uint8Array).length;
    if (size > LARGEST) {
      await answer.body?.cancel().catch(() => undefined);
      throw new SluiceError('ZONES_INVALID', `${shown} answered with more than ${LARGEST / 1e6} MB.`, { hint: 'Check api.url.' });
    }
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('utf8');
}
