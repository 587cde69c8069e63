import { store, useStore } from './store';

/** Where the page is: `#/runs/door-1?tab=nodes`. The part behind # never reaches the server, so that every address works with static files. */
export interface Place {
  /** Parts of the path, decoded. */
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

export function placeOf(hash: string): Place {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  return {
    parts: path.split('/').filter(Boolean).map(decode),
    query: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function hashOf(parts: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const search = new URLSearchParams(set).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const here = store<Place>(placeOf(globalThis.location?.hash ?? ''));
globalThis.window?.addEventListener('hashchange', () => here.set(placeOf(location.hash)));

/** Reads the address anew: one that was replaced by a script is told by no event. */
export function refreshPlace(): void {
  here.set(placeOf(location.hash));
}

export const usePlace = (): Place => useStore(here);

/** Goes to a page; `replace` leaves no entry in the history, for what only filters or selects. */
export function go(parts: readonly string[], query?: Readonly<Record<string, string | undefined>>, { replace = false } = {}): void {
  const hash = hashOf(parts, query);
  if (hash === location.hash) return;
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, '', hash);
  refreshPlace();
}
