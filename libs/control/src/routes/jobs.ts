import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps';
import { choice, described, list, named, ok, ref, shape, text } from '../schemas';

/** `/api/v1/jobs`: long work, looked at and cancelled. */
export function jobRoutes(app: FastifyInstance, { jobs }: Deps): void {
  app.get<{ Querystring: { state?: string; kind?: string; limit: number } }>(
    '/api/v1/jobs',
    {
      schema: described('jobs', 'listJobs', 'Jobs, newest first.', {
        query: shape({
          'state?': choice('running', 'done', 'failed', 'cancelled'),
          'kind?': text,
          'limit?': { type: 'integer', minimum: 1, maximum: 200, default: 50 },
        }),
        answer: ok({ jobs: list(ref('Job')) }),
      }),
    },
    ({ query: { state, kind, limit } }) => ({
      ok: true,
      jobs: jobs
        .list()
        .filter((job) => (state === undefined || job.state === state) && (kind === undefined || job.kind === kind))
        .slice(0, limit),
    }),
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/jobs/:id',
    {
      schema: described('jobs', 'getJob', 'A job with its progress, the end of its log, and its result.', {
        params: named('id'),
        answer: ok({ job: ref('Job') }),
      }),
    },
    ({ params }) => ({ ok: true, job: jobs.need(params.id) }),
  );

  app.post<{ Params: { id: string } }>(
    '/api/v1/jobs/:id/cancel',
    {
      config: { guard: { scope: 'operate', action: 'job.cancel' } },
      schema: described('jobs', 'cancelJob', 'Asks a job to end.', { params: named('id'), answer: ok({ job: ref('Job') }) }),
    },
    (request) => {
      const job = jobs.need(request.params.id);
      request.auditTarget = job.id;
      request.auditMeta = { kind: job.kind };
      return { ok: true, job: jobs.cancel(job.id) };
    },
  );
}
