import type { FastifyInstance } from 'fastify';
import type { AuditQuery } from '../access/audit-log';
import type { Deps } from '../deps';
import { choice, described, flag, list, moment, ok, ref, shape, text, told, whole } from '../schemas';

/** `/api/v1/audit`: every change that was asked for. */
export function auditRoutes(app: FastifyInstance, { audit }: Deps): void {
  app.get<{ Querystring: AuditQuery }>(
    '/api/v1/audit',
    {
      schema: described('governance', 'listAudit', 'The newest records that fit, oldest first.', {
        query: shape({
          'limit?': { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
          'since?': moment,
          'actor?': text,
          'action?': told(text, 'An action, or what it begins with: `run`.'),
          'status?': choice('ok', 'denied', 'error'),
        }),
        answer: ok({ records: list(ref('AuditRecord')) }),
      }),
    },
    ({ query }) => ({ ok: true, records: audit?.tail(query) ?? [] }),
  );

  app.get(
    '/api/v1/audit/verify',
    {
      schema: described('governance', 'verifyAudit', 'Whether each record is as it was written and follows the one before it.', {
        answer: ok({
          verified: shape({ ok: flag, records: whole, files: whole, torn: told(whole, 'Lines that a crash cut off.'), 'fault?': text }),
        }),
      }),
    },
    () => ({ ok: true, verified: audit?.verify() ?? { ok: true, records: 0, files: 0, torn: 0 } }),
  );
}
