import { SluiceError } from '@sluice/sdk';
import type { JournalFilter } from '@sluice/store';
import type { FastifyInstance } from 'fastify';
import { causeOf, type WorkDeps } from '../deps';
import { described, list, moment, named, nodeRunParts, ok, ref, shape, text, told, whole } from '../schemas';
import { storeLibrary } from '../store-library';

const LIMIT = { type: 'integer', minimum: 1, maximum: 1000, default: 100 } as const;

interface Asked extends Omit<JournalFilter, 'since' | 'until'> {
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

/** `/api/v1/journal`: the log of all durable changes. `/api/v1/records`: runs and node runs as they are on record. */
export function journalRoutes(app: FastifyInstance, { workspace, jobs }: WorkDeps): void {
  const opened = async () => workspace.store?.();

  app.get<{ Querystring: Asked }>(
    '/api/v1/journal',
    {
      schema: described('journal', 'queryJournal', 'The newest rows that fit, oldest first.', {
        query: shape({
          'machine?': told(text, 'run, node_run, timer ...'),
          'entity?': text,
          'run?': text,
          'actor?': text,
          'correlation?': text,
          'to?': told(text, 'The state that was entered.'),
          'since?': moment,
          'until?': moment,
          'after?': told(whole, 'Rows behind this one.'),
          'limit?': LIMIT,
        }),
        answer: ok({ rows: list(ref('JournalRow')) }),
      }),
    },
    async ({ query: { limit, since, until, ...same } }) => {
      const store = await opened();
      if (store === undefined) return { ok: true, rows: [] };
      const { committed, newestRows } = storeLibrary();
      const times = {
        ...(since === undefined ? {} : { since: Date.parse(since) }),
        ...(until === undefined ? {} : { until: Date.parse(until) }),
      };
      const rows = await newestRows(committed(store), { ...same, ...times }, limit);
      return { ok: true, rows: rows.map(({ data, ...row }) => ({ ...row, data: JSON.parse(data) as unknown })) };
    },
  );

  app.post(
    '/api/v1/journal/verify',
    {
      config: { guard: { scope: 'operate', action: 'journal.verify' } },
      schema: described('journal', 'verifyJournal', 'Reads the whole journal: whether a row was changed or is missing.', {
        description: 'The result of the job is the report.',
        answer: ok({ job: ref('Job') }),
        status: 202,
      }),
    },
    (request, reply) => {
      request.auditTarget = 'journal';
      void reply.code(202);
      const job = jobs.start({
        kind: 'journal.verify',
        target: 'journal',
        actor: request.actor.id,
        cause: causeOf(request),
        alone: true,
        work: async () => {
          const store = await opened();
          if (store === undefined) return { ok: true, rows: 0, head: null, faults: [] };
          const { committed, verifyJournal } = storeLibrary();
          return verifyJournal(committed(store));
        },
      });
      return { ok: true, job };
    },
  );

  app.get<{ Querystring: { state?: string; graph?: string; limit: number } }>(
    '/api/v1/records',
    {
      schema: described('journal', 'listRecords', 'Runs on record, of this process and earlier ones, the newest last.', {
        description: 'Only runs with a node whose durability is not none are on record.',
        query: shape({ 'state?': text, 'graph?': text, 'limit?': LIMIT }),
        answer: ok({ runs: list(ref('RecordedRun')) }),
      }),
    },
    async ({ query }) => {
      const store = await opened();
      return { ok: true, runs: store === undefined ? [] : await storeLibrary().runsOnRecord(store, query) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/records/:id',
    {
      schema: described('journal', 'getRecord', 'A run on record, how its node runs ended, and those that need somebody.', {
        params: named('id'),
        answer: ok({ run: ref('Entity'), ...nodeRunParts }),
      }),
    },
    async ({ params: { id } }) => {
      const store = await opened();
      if (store === undefined) throw new SluiceError('RUN_UNKNOWN', `No run ${id} is on record.`, { hint: 'Nothing is stored here yet.' });
      return { ok: true, ...(await storeLibrary().runOnRecord(store, id)) };
    },
  );
}
