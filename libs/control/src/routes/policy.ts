import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps';
import { policyOf } from '../policy';
import { described, ok, open } from '../schemas';

/** `/api/v1/policy`: who may do what, read from the routes themselves. */
export function policyRoutes(app: FastifyInstance, deps: Deps): void {
  app.get(
    '/api/v1/policy',
    {
      schema: described('governance', 'getPolicy', 'Who may do what: read from the routes that there are.', {
        answer: ok({ policy: open }),
      }),
    },
    () => ({ ok: true, policy: policyOf(deps) }),
  );
}
