import type { FastifyInstance } from 'fastify';
import { covers } from '../access/token-store';
import type { Deps } from '../deps';
import { described, list, ok, ref, shape, text, told } from '../schemas';

const CURSOR = told(text, 'Where to go on: the cursor of the last event that was read. The header Last-Event-ID says the same.');

/**
 * `/api/v1/events`: server-sent events. `figures` carries all runs, live, twice a second; `event` carries what happened (`event@1`), from
 * the cursor on, each once. A reader that is behind gets the newest figures, and the events it missed when it has caught up; `gap` says
 * that some are no longer kept.
 */
export function eventRoutes(app: FastifyInstance, { runs, sampler, frames, streams }: Deps): void {
  const log = runs.events;

  app.get<{ Querystring: { cursor?: string; figures?: boolean } }>(
    '/api/v1/events',
    {
      schema: described('events', 'streamEvents', 'What happens, and the live figures, as server-sent events.', {
        description:
          'Messages: `figures` (`{ runs: LiveRun[] }`, twice a second), `event` (`event@1`, with its cursor as id), `gap` (`{ missed }`). ' +
          'After a reconnect with the last cursor, each event that is kept comes once. Stacks of faults (`payload.details.stack`) are for the scope operate.',
        query: shape({ 'cursor?': CURSOR, 'figures?': told({ type: 'boolean', default: true }, 'False leaves the figures out.') }),
        produces: 'text/event-stream',
      }),
    },
    (request, reply) => {
      const header = request.headers['last-event-id'];
      let place = log.place(request.query.cursor ?? (typeof header === 'string' ? header : undefined));
      const stacks = covers(request.actor.scope, 'operate');
      let behind = false;
      const raw = streams.open(reply, 'text/event-stream; charset=utf-8');
      const stops = [log.watch(events), ...(request.query.figures === false ? [] : [sampler.onSample(figures)])];
      for (const stop of stops) raw.once('close', stop);
      raw.on('drain', () => {
        behind = false;
        events();
      });
      raw.write('retry: 1000\n\n');
      events();
      if (request.query.figures !== false) figures();
      return reply;

      function figures(): void {
        if (behind || raw.destroyed) return;
        behind = !raw.write(`event: figures\ndata: ${frames.text}\n\n`);
      }
      function events(): void {
        if (behind || raw.destroyed) return;
        const fresh = log.after(place, stacks);
        const [first] = fresh;
        if (first === undefined) return;
        const missed = first.event.seq - place - 1;
        let out = missed > 0 ? `event: gap\ndata: {"missed":${missed}}\n\n` : '';
        for (const { event, text: body } of fresh) out += `id: ${event.cursor}\nevent: event\ndata: ${body}\n\n`;
        place = fresh[fresh.length - 1]!.event.seq;
        behind = !raw.write(out);
      }
    },
  );

  app.get<{ Querystring: { cursor?: string; limit: number; event?: string; entity?: string } }>(
    '/api/v1/events/recent',
    {
      schema: described('events', 'listEvents', 'Events that are kept, oldest first.', {
        query: shape({
          'cursor?': CURSOR,
          'limit?': { type: 'integer', minimum: 1, maximum: 2000, default: 200 },
          'event?': told(text, 'Its name, or what it begins with: `control:job`.'),
          'entity?': told(text, 'The id of its entity.'),
        }),
        answer: ok({ events: list(ref('Event')), cursor: text }),
      }),
    },
    ({ actor, query: { cursor, limit, event, entity } }) => {
      const events = log
        .after(log.place(cursor), covers(actor.scope, 'operate'))
        .map((written) => written.event)
        .filter((one) => (event === undefined || one.event.startsWith(event)) && (entity === undefined || one.entity.id === entity));
      return { ok: true, events: events.slice(-limit), cursor: log.cursor(log.seq) };
    },
  );
}
