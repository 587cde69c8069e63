import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps';
import { described, list, named, ok, ref } from '../schemas';

/** `/api/v1/runs/:id/edges`: live. */
export function edgeRoutes(app: FastifyInstance, { runs, sampler }: Deps): void {
  app.get<{ Params: { id: string } }>(
    '/api/v1/runs/:id/edges',
    {
      schema: described('edges', 'listLiveEdges', 'Live figures of the edges of a run.', {
        params: named('id'),
        answer: ok({ edges: list(ref('LiveEdge')) }),
      }),
    },
    ({ params }) => ({ ok: true, edges: sampler.live(runs.need(params.id)).edges }),
  );
}
