import { SluiceError } from '@sluice/sdk';
import type { RowFilter } from '@sluice/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WorkDeps } from '../deps';
import { choice, described, list, named, ok, ref, shape, text, told, whole, type Schema } from '../schemas';
import { storeLibrary } from '../store-library';

const STATE = choice('waiting', 'retrying', 'parked', 'dead');
const MATCH: Readonly<Record<string, Schema>> = {
  'rows?': told({ type: 'array', items: { type: 'integer', minimum: 1 }, maxItems: 1000 }, 'Numbers of rows, as they are listed.'),
  'key?': text,
  'state?': STATE,
};

interface Change extends RowFilter {
  readonly confirm?: string;
}

/** `/api/v1/queues`: durable edges and named queues, what waits in them, and their dead letters. */
export function queueRoutes(app: FastifyInstance, { workspace }: WorkDeps): void {
  const store = async (name: string) => {
    const opened = await workspace.store?.();
    if (opened !== undefined) return opened;
    throw new SluiceError('QUEUE_UNKNOWN', `There is no queue ${JSON.stringify(name)}: nothing is stored here yet.`, {
      hint: 'The first run with a durable edge or a queue makes one.',
    });
  };

  app.get(
    '/api/v1/queues',
    {
      schema: described('queues', 'listQueues', 'All queues, durable edges among them.', {
        answer: ok({ queues: list(ref('Queue')) }),
      }),
    },
    async () => {
      const opened = await workspace.store?.();
      return { ok: true, queues: opened === undefined ? [] : await storeLibrary().listQueues(opened) };
    },
  );

  app.get<{ Params: { name: string }; Querystring: Omit<RowFilter, 'rows'> & { after: number; limit: number } }>(
    '/api/v1/queues/:name/rows',
    {
      schema: described('queues', 'peekQueue', 'The first rows that fit, in their order, and what each waits for. Nothing is taken.', {
        params: named('name'),
        query: shape({
          'state?': told(STATE, 'Dead letters are `dead`.'),
          'key?': text,
          'after?': told({ ...whole, default: 0 }, 'Number of the row behind which to begin.'),
          'limit?': { type: 'integer', minimum: 1, maximum: 500, default: 50 },
        }),
        answer: ok({ rows: list(ref('QueueRow')) }),
      }),
    },
    async ({ params: { name }, query }) => ({ ok: true, rows: await storeLibrary().peekRows(await store(name), name, query) }),
  );

  app.post<{ Params: { name: string }; Body: RowFilter | null }>(
    '/api/v1/queues/:name/retry',
    {
      config: { guard: { scope: 'operate', action: 'queue.retry' } },
      schema: described('queues', 'retryQueue', 'Lets rows be tried now: dead letters become rows again, at their old place.', {
        description: 'Left out, all dead letters.',
        params: named('name'),
        body: { ...shape(MATCH), type: ['object', 'null'] },
        answer: ok({ rows: whole }),
      }),
    },
    async (request) => {
      const { name } = request.params;
      const filter = { ...(filled(request.body) ? request.body : { state: 'dead' as const }) };
      aim(request, name, filter);
      const rows = await storeLibrary().retryRows(await store(name), name, filter);
      request.auditMeta = { ...request.auditMeta, rows };
      return { ok: true, rows };
    },
  );

  app.post<{ Params: { name: string }; Body: Change }>(
    '/api/v1/queues/:name/drop',
    {
      config: { guard: { scope: 'operate', action: 'queue.drop' } },
      schema: described('queues', 'dropQueue', 'Deletes rows, for good.', {
        description: 'Rows, a key or a state must be said, and the name of the queue once more in `confirm`.',
        params: named('name'),
        body: shape({ ...MATCH, 'confirm?': told(text, 'The name of the queue.') }),
        answer: ok({ rows: whole }),
      }),
    },
    async (request) => {
      const { name } = request.params;
      const { confirm, ...filter } = request.body;
      aim(request, name, filter);
      if (!filled(filter)) {
        throw new SluiceError('REQUEST_INVALID', 'It is not said which rows.', {
          hint: 'Give `rows`, a `key`, or a `state` such as dead.',
        });
      }
      if (confirm !== name) {
        throw new SluiceError('CONFIRMATION_MISSING', `What is dropped from ${name} is gone for good, and that was not confirmed.`, {
          hint: 'Send the name of the queue in `confirm`.',
        });
      }
      const rows = await storeLibrary().dropRows(await store(name), name, filter);
      request.auditMeta = { ...request.auditMeta, rows };
      return { ok: true, rows };
    },
  );
}

/** Whether something is said of which rows. */
function filled(filter: RowFilter | null): filter is RowFilter {
  return filter !== null && (filter.rows !== undefined || filter.key !== undefined || filter.state !== undefined);
}

function aim(request: FastifyRequest, name: string, filter: RowFilter): void {
  request.auditTarget = name;
  request.auditMeta = { filter: { ...filter, ...(filter.rows === undefined ? {} : { rows: filter.rows.slice(0, 20) }) } };
}
