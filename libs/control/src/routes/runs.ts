import type { Run } from '@sluice/runtime';
import type { FastifyInstance } from 'fastify';
import { pictureUrl } from './preview';
import type { Runs } from '../runs';
import type { Sampler } from '../sampler';

/** `/api/v1/runs`, `/api/v1/runs/:id`, `/api/v1/runs/:id/report`. */
export function runRoutes(app: FastifyInstance, runs: Runs, sampler: Sampler): void {
  app.get('/api/v1/runs', () => ({ ok: true, runs: runs.list().map((run) => summary(run, runs)) }));
  app.get<{ Params: { id: string } }>('/api/v1/runs/:id', (request) => {
    const run = runs.need(request.params.id);
    return { ok: true, run: { ...summary(run, runs), ...sampler.live(run) } };
  });
  app.get<{ Params: { id: string } }>('/api/v1/runs/:id/report', (request) => ({
    ok: true,
    report: runs.need(request.params.id).report(),
  }));
}

function summary(run: Run, runs: Runs): object {
  const { id, graph, plan_hash, state, status, reasons, started_at, duration_ms } = run.figures();
  return {
    id,
    graph,
    ...(run.plan.description === undefined ? {} : { description: run.plan.description }),
    plan_hash,
    state,
    status,
    reasons,
    started_at,
    duration_ms,
    previews: runs.previews(id).map(({ node, port }) => ({ node, port, url: pictureUrl(id, node, port) })),
  };
}
