import type { FastifyInstance } from 'fastify';
import { described, ok } from '../schemas';

/** `/api/v1/shutdown`: what SIGTERM does, for `sluice stop`. */
export function shutdownRoutes(app: FastifyInstance, shutdown: () => void): void {
  app.post(
    '/api/v1/shutdown',
    {
      config: { guard: { scope: 'admin', action: 'server.stop' } },
      schema: described('health', 'shutdown', 'Drains the runs and ends the process.', { answer: ok(), status: 202 }),
    },
    (request, reply) => {
      request.auditTarget = 'server';
      reply.raw.once('finish', shutdown);
      void reply.code(202);
      return { ok: true };
    },
  );
}
