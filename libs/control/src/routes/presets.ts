import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';
import { causeOf, type WorkDeps } from '../deps';
import { invalid, shown } from '../graphs/library';
import { described, list, map, named, nullable, ok, open, ref, shape } from '../schemas';
import type { Preset, Workspace } from '../workspace';
import { graphNameOf, summaryOf } from './runs';

/** A preset as the API and the command line tell it. */
export function presetInfo({ name, description, graph, params, assets }: Preset, place: Workspace['asset']): object {
  return {
    name,
    description,
    graph: shown(graph),
    params,
    assets: assets.map((asset) => ({ name: asset, there: place?.(asset) !== undefined })),
  };
}

/** `/api/v1/presets`: graphs with parameters that have a name. */
export function presetRoutes(app: FastifyInstance, deps: WorkDeps): void {
  const { workspace, library, supervisor } = deps;
  const need = (name: string): Preset => {
    const preset = workspace.presets?.().find((one) => one.name === name);
    if (preset !== undefined) return preset;
    throw new SluiceError('PRESET_NOT_FOUND', `There is no preset ${JSON.stringify(name)}.`, { hint: 'GET /api/v1/presets lists them.' });
  };
  const check = (preset: Preset, params: Readonly<Record<string, unknown>> = {}) =>
    library.checkFile(preset.graph, { ...preset.set, ...params });

  app.get(
    '/api/v1/presets',
    { schema: described('presets', 'listPresets', 'All presets.', { answer: ok({ presets: list(ref('Preset')) }) }) },
    () => ({
      ok: true,
      presets: (workspace.presets?.() ?? []).map((preset) => presetInfo(preset, workspace.asset)),
    }),
  );

  app.post<{ Params: { name: string }; Body: { params?: Record<string, unknown> } | null }>(
    '/api/v1/presets/:name/validate',
    {
      config: { pure: true },
      schema: described('presets', 'validatePreset', 'Checks the graph of a preset with its parameters.', {
        params: named('name'),
        body: { ...shape({ 'params?': open }), type: ['object', 'null'] },
        answer: ok({ valid: { type: 'boolean' }, diagnostics: list(ref('Diagnostic')), plan_hash: nullable({ type: 'string' }) }),
      }),
    },
    ({ params, body }) => {
      const { plan, diagnostics } = check(need(params.name), body?.params);
      return { ok: true, valid: plan !== undefined, diagnostics, plan_hash: plan?.hash ?? null };
    },
  );

  app.post<{ Params: { name: string }; Body: { params?: Record<string, unknown>; inputs?: Record<string, unknown[]> } | null }>(
    '/api/v1/presets/:name/start',
    {
      config: { guard: { scope: 'operate', action: 'preset.start' } },
      schema: described('presets', 'startPreset', 'Starts the graph of a preset.', {
        params: named('name'),
        body: { ...shape({ 'params?': open, 'inputs?': map(list({})) }), type: ['object', 'null'] },
        answer: ok({ run: ref('Run') }),
        status: 201,
      }),
    },
    (request, reply) => {
      const { name } = request.params;
      request.auditTarget = name;
      const preset = need(name);
      const { plan, diagnostics } = check(preset, request.body?.params);
      if (plan === undefined) throw invalid(diagnostics);
      request.auditMeta = { graph: plan.name, plan_hash: plan.hash };
      const params = { ...preset.set, ...request.body?.params };
      const run = supervisor.start(plan, { inputs: request.body?.inputs ?? {}, params, cause: causeOf(request) });
      void reply.code(201);
      return { ok: true, run: summaryOf(run, deps, graphNameOf(run, deps)) };
    },
  );
}
