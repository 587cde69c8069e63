import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { confined } from '../confine';
import { causeOf, type WorkDeps } from '../deps';
import { described, list, map, named, nullable, ok, open, ref, shape } from '../schemas';
import { graphNameOf, summaryOf } from './runs';

/** A named graph with parameters. */
interface Preset {
  readonly name: string;
  /** Name of its graph. */
  readonly graph: string;
  readonly description: string | null;
  readonly params: Readonly<Record<string, unknown>>;
}

const NAME = /^[\w-]+$/;

/** `/api/v1/presets`: graphs with parameters that have a name. */
export function presetRoutes(app: FastifyInstance, deps: WorkDeps): void {
  const { workspace, library, supervisor } = deps;
  const folder = join(workspace.graphs, 'presets');

  app.get(
    '/api/v1/presets',
    { schema: described('presets', 'listPresets', 'All presets.', { answer: ok({ presets: list(ref('Preset')) }) }) },
    () => ({
      ok: true,
      presets: existsSync(folder)
        ? readdirSync(folder)
            .filter((file) => file.endsWith('.yaml') && NAME.test(file.slice(0, -5)))
            .sort()
            .flatMap((file) => {
              try {
                return [read(folder, file.slice(0, -5))];
              } catch {
                // One that cannot be read says so when it is started.
                return [];
              }
            })
        : [],
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
      const preset = read(folder, params.name);
      const { plan, diagnostics } = library.check(library.get(preset.graph).text, preset.graph, { ...preset.params, ...body?.params });
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
      const preset = read(folder, name);
      const values = { ...preset.params, ...request.body?.params };
      const { plan } = library.plan(library.get(preset.graph).text, preset.graph, values);
      request.auditMeta = { graph: preset.graph, plan_hash: plan.hash };
      const run = supervisor.start(plan, { inputs: request.body?.inputs ?? {}, params: values, cause: causeOf(request) });
      void reply.code(201);
      return { ok: true, run: summaryOf(run, deps, graphNameOf(run, deps)) };
    },
  );
}

/** @throws SluiceError PRESET_NOT_FOUND, PRESET_INVALID */
function read(folder: string, name: string): Preset {
  const file = NAME.test(name) ? confined(folder, `${name}.yaml`) : '';
  if (file === '' || !existsSync(file)) {
    throw new SluiceError('PRESET_NOT_FOUND', `There is no preset ${JSON.stringify(name)}.`, { hint: 'GET /api/v1/presets lists them.' });
  }
  const text = readFileSync(file, 'utf8');
  let value: { graph?: unknown; params?: unknown; description?: unknown } | null;
  try {
    value = parse(text) as typeof value;
  } catch (cause) {
    throw new SluiceError('PRESET_INVALID', `Preset ${name} is not valid YAML: ${(cause as Error).message}`, {
      hint: 'Correct it there.',
      cause,
    });
  }
  const { graph, params = {}, description } = value ?? {};
  if (typeof graph !== 'string' || typeof params !== 'object' || params === null) {
    throw new SluiceError('PRESET_INVALID', `Preset ${name} does not say \`graph: <file>\` and \`params: { ... }\`.`, {
      hint: 'Name the graph beside the folder of presets, and its parameters.',
    });
  }
  // The comment at the top says what it is for.
  const comment = /^(?:#.*\n)+/.exec(text)?.[0].replace(/^# ?/gm, '').trim().replace(/\s+/g, ' ');
  return {
    name,
    graph: basename(graph, '.yaml'),
    description: typeof description === 'string' ? description : (comment ?? null),
    params: params as Preset['params'],
  };
}
