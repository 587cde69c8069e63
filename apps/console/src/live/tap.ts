import { messages } from '@sluice/control/client';
import { stringify } from 'yaml';

/** A packet as the API shows it: `packet@1`, bounded. */
export interface SeenPacket {
  readonly packet_id: string;
  readonly ts: string;
  readonly kind: string;
  readonly source_id: string;
  readonly payload: unknown;
  readonly meta: unknown;
  readonly seq?: number;
  readonly scope?: string;
}

export interface TapState {
  readonly state: 'open' | 'paused' | 'ended' | 'failed';
  /** Newest first. */
  readonly packets: readonly SeenPacket[];
  readonly seen: number;
  readonly fault?: string;
}

/** A tap holds as many, then pauses by itself: one that was forgotten costs nothing. */
export const TAP_PACKETS = 100;
/** How often the page shows what has come. */
const SHOW_MS = 250;

interface TapOptions {
  readonly run: string;
  readonly edge: string;
  readonly hz: number;
  readonly signal: AbortSignal;
  readonly onState: (change: (before: TapState) => TapState) => void;
}

/** Reads packets of an edge until it has enough, the output ends, or the signal says so. */
export async function tap({ run, edge, hz, signal, onState }: TapOptions): Promise<void> {
  const query = new URLSearchParams({ edge, hz: String(hz), limit: String(TAP_PACKETS) });
  let fresh: SeenPacket[] = [];
  let seen = 0;
  const show = (): void => {
    const batch = fresh.reverse();
    fresh = [];
    if (batch.length > 0) onState((before) => ({ ...before, seen, packets: [...batch, ...before.packets].slice(0, TAP_PACKETS) }));
  };
  const timer = setInterval(show, SHOW_MS);
  let shown = 0;
  try {
    for await (const { event, data } of messages(`/api/v1/runs/${encodeURIComponent(run)}/tap?${query}`, { signal })) {
      if (event === 'packet') {
        const message = data as { packet: SeenPacket; seen: number; shown: number };
        fresh.push(message.packet);
        ({ seen, shown } = message);
      } else if (event === 'end') break;
    }
    show();
    onState((before) => ({ ...before, seen, state: shown >= TAP_PACKETS || signal.aborted ? 'paused' : 'ended' }));
  } catch (thrown) {
    show();
    onState((before) => (signal.aborted ? { ...before, state: 'paused' } : { ...before, state: 'failed', fault: messageOf(thrown) }));
  } finally {
    clearInterval(timer);
  }
}

/** The body of an answer that is a fault, else what was thrown. */
function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return text;
  }
}

/** A picture or a sound in a packet, as a data: URL. */
export interface Media {
  readonly kind: 'image' | 'audio';
  readonly url: string;
  readonly path: string;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Pictures and sounds of a payload: objects with a content type and bytes that came whole. */
export function mediaOf(value: unknown, path = 'payload'): readonly Media[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => mediaOf(item, `${path}[${i}]`));
  if (!isObject(value)) return [];
  const kind = /^(image|audio)\/[\w.+-]+$/.exec(String(value['content_type']))?.[1] as Media['kind'] | undefined;
  return Object.entries(value).flatMap(([key, item]): readonly Media[] => {
    if (kind !== undefined && isObject(item) && typeof item['base64'] === 'string')
      return [{ kind, url: `data:${String(value['content_type'])};base64,${item['base64']}`, path: `${path}.${key}` }];
    return mediaOf(item, `${path}.${key}`);
  });
}

/** Whether something of a packet was left out on the way, so that it is no input for a test. */
export function isCut(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isCut);
  if (!isObject(value)) return false;
  return (
    Object.keys(value).some((key) => ['$more', '$cut', '$bytes', '$number', '$type'].includes(key)) || Object.values(value).some(isCut)
  );
}

/** `given` of a `*.test.yaml` (docs/guide): the packets as they left the node, with their distance in time. */
export function givenOf(edge: { readonly from: string }, packets: readonly SeenPacket[]): string {
  const dot = edge.from.lastIndexOf('.');
  const [node, port] = [edge.from.slice(0, dot), edge.from.slice(dot + 1)];
  const inOrder = [...packets].sort((a, b) => Date.parse(a.ts) - Date.parse(b.ts) || (a.seq ?? 0) - (b.seq ?? 0));
  const start = Date.parse(inOrder[0]?.ts ?? '');
  return stringify({
    given: {
      [node]: inOrder.map(({ ts, kind, source_id, payload }) => ({
        at: `${Math.max(0, Date.parse(ts) - start)}ms`,
        port,
        kind,
        source_id,
        payload,
      })),
    },
  });
}
