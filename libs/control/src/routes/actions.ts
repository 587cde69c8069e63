import { SluiceError } from '@sluice/sdk';
import type { Action, ActionFilter } from '@sluice/store';
import type { FastifyInstance } from 'fastify';
import type { WorkDeps } from '../deps';
import { described, list, nullable, ok, ref, shape, text, told } from '../schemas';
import { storeLibrary } from '../store-library';

/** `/api/v1/actions`: what waits for a person's decision, of all runs. */
export function actionRoutes(app: FastifyInstance, { workspace }: WorkDeps): void {
  app.get<{ Querystring: ActionFilter }>(
    '/api/v1/actions',
    {
      schema: described('actions', 'listActions', 'What waits for a decision, the longest first.', {
        description: 'Effects that began and of which nobody knows whether they happened: their process died, or the answer was lost.',
        query: shape({
          'run?': text,
          'after?': told({ type: 'string', pattern: '^[0-9]{1,15}[.].' }, '`next` of the page before.'),
          'limit?': { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
        }),
        answer: ok({
          actions: list(ref('Action')),
          next: told(nullable(text), 'Where the next page begins; null where this is the last.'),
        }),
      }),
    },
    async ({ query }) => {
      const store = await workspace.store?.();
      const { actions, next } = store === undefined ? { actions: [], next: null } : await storeLibrary().actionsWaiting(store, query);
      return { ok: true, actions: actions.map(linked), next };
    },
  );

  app.post<{ Body: { id: string; happened: boolean; reason?: string } }>(
    '/api/v1/actions/decide',
    {
      config: { guard: { scope: 'operate', action: 'action.decide' } },
      schema: described(
        'actions',
        'decideAction',
        'Says whether an uncertain effect happened: then it is not done again, else it may be.',
        {
          // An id holds the keys of packets, and those are of any length: no part of a path.
          body: shape({
            id: { type: 'string', maxLength: 10_000 },
            happened: { type: 'boolean' },
            'reason?': { type: 'string', maxLength: 500 },
          }),
          answer: ok({ node_run: ref('Entity') }),
        },
      ),
    },
    async (request) => {
      const { id, happened, reason } = request.body;
      request.auditTarget = id;
      request.auditMeta = { happened };
      const by = { actor: request.actor.id, reason, correlation: request.correlationId };
      const store = await workspace.store?.();
      if (store === undefined)
        throw new SluiceError('ACTION_UNKNOWN', `Nothing called ${id} is on record.`, { hint: 'Nothing is stored here yet.' });
      return { ok: true, node_run: await storeLibrary().decideAction(store, id, happened, by) };
    },
  );
}

function linked(action: Action): object {
  const { run } = action;
  return {
    ...action,
    links: { decide: '/api/v1/actions/decide', run: run === null ? null : `/api/v1/records/${encodeURIComponent(run)}` },
  };
}
