import type { FastifyInstance } from 'fastify';
import type { Numbered, Runs } from '../runs';
import type { Sampler } from '../sampler';
import type { Streams } from '../streams';

/**
 * `/api/v1/events`: server-sent events. `figures` carries all runs, live, twice a second; `event` carries what happened in them
 * (`event@1`), from the cursor in Last-Event-ID on. A reader that is behind gets the newest figures and the events it missed when it has
 * caught up; `gap` says that some are no longer kept.
 */
export function eventRoutes(app: FastifyInstance, runs: Runs, sampler: Sampler, streams: Streams): void {
  app.get('/api/v1/events', (request, reply) => {
    let cursor = Number(request.headers['last-event-id'] ?? 0);
    if (!Number.isSafeInteger(cursor) || cursor < 0) cursor = 0;
    let behind = false;
    const raw = streams.open(reply, 'text/event-stream; charset=utf-8');
    for (const unwatch of [sampler.onSample(figures), runs.onEvent(events)]) raw.once('close', unwatch);
    raw.on('drain', () => {
      behind = false;
      events();
    });
    raw.write('retry: 1000\n\n');
    events();
    figures();
    return reply;

    function figures(): void {
      if (behind || raw.destroyed) return;
      behind = !raw.write(frame('figures', { runs: runs.list().map((run) => sampler.live(run)) }));
    }

    function events(): void {
      if (behind || raw.destroyed) return;
      const fresh = runs.eventsAfter(cursor);
      const [first] = fresh;
      if (first === undefined) return;
      let text = first.cursor > cursor + 1 ? frame('gap', { missed: first.cursor - cursor - 1 }) : '';
      for (const event of fresh) text += frame('event', envelope(event, request.id), event.cursor);
      cursor = fresh[fresh.length - 1]!.cursor;
      behind = !raw.write(text);
    }
  });
}

function frame(event: string, data: object, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function envelope({ cursor, run, event }: Numbered, requestId: string): object {
  const { event: name, at, ...rest } = event;
  return {
    v: 1,
    seq: cursor,
    cursor: String(cursor),
    event: name,
    entity: { kind: name.split(':')[0], id: event.node ?? run },
    at,
    correlation_id: run,
    request_id: requestId,
    payload: { run, ...rest },
  };
}
