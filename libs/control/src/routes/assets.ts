import { SluiceError } from '@sluice/sdk';
import type { AssetStatus } from '@sluice/store/assets';
import type { FastifyInstance } from 'fastify';
import { causeOf, type WorkDeps } from '../deps';
import { described, flag, list, ok, ref, shape, text, told } from '../schemas';

/** `/api/v1/assets`: models and media that are staged. */
export function assetRoutes(app: FastifyInstance, { workspace, jobs }: WorkDeps): void {
  const store = () => {
    const assets = workspace.assets?.();
    if (assets !== undefined) return assets;
    throw new SluiceError('ASSET_UNKNOWN', 'This server knows no assets.', { hint: 'It has no lock file.' });
  };

  app.get(
    '/api/v1/assets',
    {
      schema: described('assets', 'listAssets', 'All assets of the lock file, and whether they are there.', {
        answer: ok({ assets: list(ref('Asset')) }),
      }),
    },
    () => {
      try {
        return { ok: true, assets: store().list().map(shown) };
      } catch (error) {
        if (SluiceError.is(error, 'ASSET_LOCK_NOT_FOUND') || SluiceError.is(error, 'ASSET_UNKNOWN')) return { ok: true, assets: [] };
        throw error;
      }
    },
  );

  app.post<{ Body: { names?: string[]; restage?: boolean | string; offline?: boolean } | null }>(
    '/api/v1/assets/stage',
    {
      config: { guard: { scope: 'operate', action: 'assets.stage' } },
      schema: described('assets', 'stageAssets', 'Fetches what is missing, verifies it, puts it in place.', {
        body: {
          ...shape({
            'names?': told(list(text), 'Left out, all.'),
            'restage?': told({ type: ['boolean', 'string'] }, 'Fetch again: true, or a category.'),
            'offline?': flag,
          }),
          type: ['object', 'null'],
        },
        answer: ok({ job: ref('Job') }),
        status: 202,
      }),
    },
    (request, reply) => {
      const { names, restage, offline } = request.body ?? {};
      const assets = store();
      request.auditTarget = names?.join(',') ?? 'all';
      void reply.code(202);
      const job = jobs.start({
        kind: 'assets.stage',
        target: names?.join(',') ?? 'all',
        actor: request.actor.id,
        cause: causeOf(request),
        alone: true,
        work: async ({ signal, progress, log }) => ({
          assets: await assets.stage(names, {
            signal,
            ...(restage === undefined ? {} : { restage }),
            ...(offline === undefined ? {} : { offline }),
            onProgress: ({ name, phase, bytes, size }) => {
              progress(size > 0 ? bytes / size : null, `${name}: ${phase}`);
              if (phase !== 'receive') log(`${name}: ${phase}`);
            },
          }),
        }),
      });
      return { ok: true, job };
    },
  );

  app.post(
    '/api/v1/assets/verify',
    {
      config: { guard: { scope: 'operate', action: 'assets.verify' } },
      schema: described('assets', 'verifyAssets', 'Compares what is there with its checksums.', {
        answer: ok({ job: ref('Job') }),
        status: 202,
      }),
    },
    (request, reply) => {
      const assets = store();
      request.auditTarget = 'all';
      void reply.code(202);
      const job = jobs.start({
        kind: 'assets.verify',
        target: 'all',
        actor: request.actor.id,
        cause: causeOf(request),
        alone: true,
        work: async ({ signal }) => ({ assets: (await assets.verify(undefined, signal)).map(shown) }),
      });
      return { ok: true, job };
    },
  );
}

function shown({ name, category, state, size, licence, origin }: AssetStatus): object {
  const from = 'npm' in origin ? origin.npm : 'url' in origin ? origin.url : origin.plugin;
  return { name, category, state, size, licence, origin: from };
}
