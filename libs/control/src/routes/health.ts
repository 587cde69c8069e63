import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps';
import { Metrics } from '../metrics';
import type { Workspace } from '../workspace';
import { choice, described, flag, list, moment, nullable, number, ok, text } from '../schemas';

const STATUS = choice('starting', 'ok', 'degraded', 'error', 'draining');

/** `/livez`, `/readyz`, `/metrics`, `/api/v1/health`. */
export function healthRoutes(app: FastifyInstance, { runs, health, access, redact }: Deps, workspace: Workspace | undefined): void {
  const metrics = new Metrics(runs, workspace?.store?.bind(workspace));
  const startedAt = new Date().toISOString();
  const open = { guard: { scope: 'public' } } as const;

  app.get('/livez', { config: open, schema: described('health', 'livez', 'Whether the process answers.', { answer: ok() }) }, () => ({
    ok: true,
  }));

  app.get(
    '/readyz',
    {
      config: open,
      schema: described('health', 'readyz', 'Whether it takes work: 503 while starting or draining.', {
        description:
          'It stays 200 while one run takes over from another with all its sources: what comes meanwhile waits, and is not refused.',
        answer: ok({ status: text }),
      }),
    },
    () => {
      const { phase } = runs;
      if (phase === 'ready') return { ok: true, status: phase };
      throw new SluiceError('NOT_READY', phase === 'starting' ? 'The graph is starting.' : 'The graph is draining.', {
        hint: phase === 'starting' ? 'Ask again in a moment.' : 'Send work to another instance.',
        details: { status: phase },
        retryable: true,
      });
    },
  );

  app.get(
    '/metrics',
    { schema: described('health', 'metrics', 'Figures for Prometheus.', { produces: 'text/plain; version=0.0.4' }) },
    async (_request, reply) => {
      const { type, text: body } = await metrics.text();
      return reply.type(type).send(redact(body));
    },
  );

  app.get(
    '/api/v1/health',
    {
      schema: described('health', 'getHealth', 'How the process is, and why it is not ok.', {
        answer: ok({
          status: STATUS,
          reasons: list(text),
          started_at: moment,
          uptime_s: number,
          security: {
            type: 'object',
            required: ['mode', 'local_mutations', 'actor', 'scope'],
            properties: {
              mode: choice('local', 'token'),
              local_mutations: flag,
              actor: text,
              scope: nullable(choice('read', 'operate', 'admin')),
            },
          },
        }),
      }),
    },
    (request) => ({
      ok: true,
      ...health.state(),
      started_at: startedAt,
      uptime_s: Math.round((Date.now() - Date.parse(startedAt)) / 1000),
      security: {
        mode: access.mode,
        local_mutations: access.allowLocalMutations,
        actor: request.actor.id,
        scope: request.actor.scope ?? null,
      },
    }),
  );
}
