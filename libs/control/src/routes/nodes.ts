import { planOf, type Diagnostic } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';
import type { Deps, WorkDeps } from '../deps';
import { invalid } from '../graphs/library';
import { described, list, map, named, ok, open, ref, shape, text, told } from '../schemas';

const TIMEOUT = { type: 'integer', minimum: 10, maximum: 60_000, default: 10_000, description: 'Past it the trial is cancelled, ms.' };

/** `/api/v1/nodes`: the catalogue of node types, and one node tried on given input. */
export function nodeRoutes(app: FastifyInstance, { workspace, supervisor }: WorkDeps): void {
  const entries = () => workspace.catalogues().flatMap(({ plugin, nodes }) => nodes.map((entry) => ({ ...entry, plugin })));

  app.get<{ Querystring: { q?: string; kind?: string } }>(
    '/api/v1/nodes',
    {
      schema: described('nodes', 'listNodeTypes', 'All node types: what the palette, forms and docs are made of.', {
        query: shape({ 'q?': told(text, 'Words that type, kind or summary must have.'), 'kind?': text }),
        answer: ok({ nodes: list(ref('NodeType')) }),
      }),
    },
    ({ query: { q = '', kind } }) => {
      const words = q.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (one: { type: string; kind: string; summary: string }): boolean =>
        (kind === undefined || one.kind === kind) &&
        words.every((word) => `${one.type} ${one.kind} ${one.summary}`.toLowerCase().includes(word));
      return {
        ok: true,
        nodes: entries()
          .filter(fits)
          .sort((a, b) => (a.type < b.type ? -1 : 1)),
      };
    },
  );

  app.get<{ Params: { pack: string; name: string } }>(
    '/api/v1/nodes/:pack/:name',
    { schema: described('nodes', 'getNodeType', 'A node type.', { params: named('pack', 'name'), answer: ok({ node: ref('NodeType') }) }) },
    ({ params: { pack, name } }) => {
      const node = entries().find(({ type }) => type === `${pack}/${name}`);
      if (node === undefined) {
        throw new SluiceError('NODE_TYPE_UNKNOWN', `There is no node type ${pack}/${name}.`, { hint: 'GET /api/v1/nodes lists all.' });
      }
      return { ok: true, node };
    },
  );

  app.post<{
    Body: { type: string; config: object; policies?: object; inputs: Record<string, unknown[]>; timeout_ms: number };
  }>(
    '/api/v1/nodes/try',
    {
      config: { guard: { scope: 'operate', action: 'node.try' } },
      schema: described('nodes', 'tryNode', 'Runs one node alone on given input, and gives what came out.', {
        body: shape({
          type: text,
          'config?': { ...open, default: {} },
          'policies?': told(open, 'What a graph says of a node beside its config: retry, timeout.'),
          'inputs?': { ...map(list({})), default: {} },
          'timeout_ms?': TIMEOUT,
        }),
        answer: ok({ trial: ref('Trial') }),
      }),
    },
    async (request) => {
      const { type, config, policies = {}, inputs, timeout_ms } = request.body;
      request.auditTarget = type;
      const entry = entries().find((one) => one.type === type);
      if (entry === undefined) {
        throw new SluiceError('NODE_TYPE_UNKNOWN', `There is no node type ${type}.`, { hint: 'GET /api/v1/nodes lists all.' });
      }
      const border = (ports: readonly string[], key: 'to' | 'from', side: typeof entry.in) =>
        Object.fromEntries(ports.map((port) => [port, { type: side[port]?.type, [key]: `node.${port}` }]));
      const { env = {}, secret, asset } = workspace;
      const { plan, diagnostics } = planOf(
        {
          version: 2,
          name: 'trial',
          nodes: { node: { ...policies, type, config } },
          edges: [],
          inputs: border(Object.keys(inputs), 'to', entry.in),
          outputs: border(Object.keys(entry.out), 'from', entry.out),
        },
        {
          catalogues: workspace.catalogues(),
          env,
          ...(secret === undefined ? {} : { secret }),
          ...(asset === undefined ? {} : { asset }),
        },
      );
      if (plan === undefined) throw invalid(diagnostics as readonly Diagnostic[]);
      return { ok: true, trial: await supervisor.try(plan, inputs, timeout_ms) };
    },
  );
}

/** `/api/v1/runs/:id/nodes`: live. */
export function liveNodeRoutes(app: FastifyInstance, { runs, sampler }: Deps): void {
  app.get<{ Params: { id: string } }>(
    '/api/v1/runs/:id/nodes',
    {
      schema: described('nodes', 'listLiveNodes', 'Live figures of the nodes of a run.', {
        params: named('id'),
        answer: ok({ nodes: list(ref('LiveNode')) }),
      }),
    },
    ({ params }) => ({ ok: true, nodes: sampler.live(runs.need(params.id)).nodes }),
  );
}

export { TIMEOUT };
