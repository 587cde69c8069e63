import { useMemo } from 'react';
import { useStore } from '../store';
import { JsonTree } from '../ui/json-tree';
import { events, type Event } from './live';

export const runOf = ({ entity, payload }: Event): string | undefined =>
  entity.kind === 'run' ? entity.id : (payload as { run?: string } | null)?.run;

export function useEventsOf(run: string, node: string): readonly Event[] {
  const all = useStore(events);
  return useMemo(() => all.filter((event) => runOf(event) === run && event.entity.id === node).reverse(), [all, run, node]);
}

export const isFault = ({ payload }: Event): boolean => (payload as { code?: unknown } | null)?.code !== undefined;

export const time = (at: string): string => new Date(at).toLocaleTimeString('en-GB');

/** Where an error came from; of the first errors of a node, and of rarer and rarer ones after them. */
export function stackOf({ payload }: Event): string | undefined {
  const stack = (payload as { details?: { stack?: unknown } } | null)?.details?.stack;
  return typeof stack === 'string' ? stack : undefined;
}

const MOST_EVENTS = 100;

/** Newest first; each opens to all that it says. */
export function EventList({ events: list, none }: { readonly events: readonly Event[]; readonly none: string }) {
  if (list.length === 0) return <p className="soft">{none}</p>;
  return (
    <ol className="event-list">
      {list.slice(0, MOST_EVENTS).map((event) => {
        const { code, message } = (event.payload ?? {}) as { code?: string; message?: string };
        const stack = stackOf(event);
        return (
          <li key={event.cursor}>
            <details>
              <summary>
                <time dateTime={event.at}>{time(event.at)}</time>
                <b className={code === undefined ? undefined : 'fault-text'}>{event.event}</b>
                <span>{[event.event.includes(event.entity.id) ? '' : event.entity.id, code, message].filter(Boolean).join(' · ')}</span>
              </summary>
              <JsonTree
                value={{
                  ...(event.payload as object),
                  ...(stack === undefined ? {} : { details: undefined }),
                  request_id: event.request_id,
                  correlation_id: event.correlation_id,
                }}
                open={3}
              />
              {stack !== undefined && <pre className="stack">{stack}</pre>}
            </details>
          </li>
        );
      })}
    </ol>
  );
}
