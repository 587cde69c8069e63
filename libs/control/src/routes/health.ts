import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';
import { Metrics } from '../metrics';
import type { Runs } from '../runs';

/** `/livez`, `/readyz`, `/metrics`. */
export function healthRoutes(app: FastifyInstance, runs: Runs): void {
  const metrics = new Metrics(runs);
  app.get('/livez', () => ({ ok: true }));
  app.get('/readyz', () => {
    const { phase } = runs;
    if (phase === 'ready') return { ok: true, status: phase };
    throw new SluiceError('NOT_READY', phase === 'starting' ? 'The graph is starting.' : 'The graph is draining.', {
      hint: phase === 'starting' ? 'Ask again in a moment.' : 'Send work to another instance.',
      details: { status: phase },
      retryable: true,
    });
  });
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await metrics.text();
    return reply.type(type).send(text);
  });
}
