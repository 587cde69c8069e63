import { parseDuration } from '@sluice/sdk/catalogue';
import { SluiceError } from '@sluice/sdk';
import type { Run, RunFigures } from '@sluice/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { causeOf, type Deps, type WorkDeps } from '../deps';
import { shownPlan } from '../graphs/shown-plan';
import { EDGE_METRICS, NODE_METRICS } from '../live/series';
import { choice, described, list, map, named, nullable, number, ok, open, ref, shape, text, told, whole } from '../schemas';
import { pictureUrl } from './preview';

interface OfRun {
  readonly Params: { readonly id: string };
}

const ID = named('id');
const GRACE = told({ type: 'string', default: '10s' }, 'How long what is under way gets, such as 10s.');

/** `/api/v1/runs`: what runs, and what can be done with it. */
export function runRoutes(app: FastifyInstance, deps: Deps, nameOf: (run: Run) => string | null): void {
  const { runs, sampler, series, jobs } = deps;
  const summary = (run: Run): object => summaryOf(run, deps, nameOf(run));

  app.get<{ Querystring: { state?: string; graph?: string } }>(
    '/api/v1/runs',
    {
      schema: described('runs', 'listRuns', 'Runs that go, and the last that ended.', {
        query: shape({ 'state?': choice('starting', 'running', 'draining', 'done'), 'graph?': text }),
        answer: ok({ runs: list(ref('Run')) }),
      }),
    },
    ({ query: { state, graph } }) => ({
      ok: true,
      runs: runs
        .list()
        .filter((run) => (state === undefined || run.figures().state === state) && (graph === undefined || nameOf(run) === graph))
        .map(summary),
    }),
  );

  app.get<OfRun>(
    '/api/v1/runs/:id',
    {
      schema: described('runs', 'getRun', 'A run with the live figures of its nodes and edges.', {
        params: ID,
        answer: ok({ run: ref('RunDetail') }),
      }),
    },
    ({ params }) => {
      const run = runs.need(params.id);
      const live = sampler.live(run);
      return { ok: true, run: { ...summaryOf(run, deps, nameOf(run), live), ...live } };
    },
  );

  app.get<OfRun>(
    '/api/v1/runs/:id/report',
    {
      schema: described('runs', 'getRunReport', 'The report of a run, as of now.', {
        params: ID,
        answer: ok({ report: ref('RunReport') }),
      }),
    },
    ({ params }) => ({ ok: true, report: runs.need(params.id).report() }),
  );

  app.get<OfRun>(
    '/api/v1/runs/:id/plan',
    { schema: described('runs', 'getRunPlan', 'The plan that runs.', { params: ID, answer: ok({ plan: ref('Plan') }) }) },
    ({ params }) => ({ ok: true, plan: shownPlan(runs.need(params.id).plan) }),
  );

  app.get<OfRun & { Querystring: { id?: string; metric?: string } }>(
    '/api/v1/runs/:id/series',
    {
      schema: described('runs', 'getRunSeries', 'The last hour of a run, a point every five seconds.', {
        params: ID,
        query: shape({
          'id?': told(text, 'Node or edge ids, with commas between.'),
          'metric?': told(text, `Of nodes ${NODE_METRICS.join(', ')}; of edges ${EDGE_METRICS.join(', ')}. With commas between.`),
        }),
        answer: ok({
          step_ms: whole,
          lines: list(shape({ kind: choice('node', 'edge'), id: text, metric: text, values: list(nullable(number)) })),
        }),
      }),
    },
    ({ params, query: { id, metric } }) => ({
      ok: true,
      step_ms: series.step_ms,
      lines: series.read(runs.need(params.id), {
        ...(id === undefined ? {} : { ids: id.split(',') }),
        ...(metric === undefined ? {} : { metrics: metric.split(',') }),
      }),
    }),
  );

  const act = (name: string, what: string, act: (run: Run) => void): void => {
    app.post<OfRun>(
      `/api/v1/runs/:id/${name}`,
      {
        config: { guard: { scope: 'operate', action: `run.${name}` } },
        schema: described('runs', `${name}Run`, what, { params: ID, answer: ok({ run: ref('Run') }) }),
      },
      (request) => {
        const run = alive(runs.need(request.params.id));
        aim(request, run);
        act(run);
        return { ok: true, run: summary(run) };
      },
    );
  };
  act('pause', 'Takes nothing more from the sources until resumed.', (run) => run.pause());
  act('resume', 'Takes from the sources again.', (run) => run.resume());

  const end = (
    name: string,
    what: string,
    body: Record<string, typeof GRACE>,
    work: (run: Run, asked: Ending) => Promise<unknown>,
  ): void => {
    app.post<OfRun & { Body: Ending | null }>(
      `/api/v1/runs/:id/${name}`,
      {
        config: { guard: { scope: 'operate', action: `run.${name}` } },
        schema: described('runs', `${name}Run`, what, {
          params: ID,
          body: { ...shape(body), type: ['object', 'null'] },
          answer: ok({ job: ref('Job') }),
          status: 202,
        }),
      },
      (request, reply) => {
        const run = alive(runs.need(request.params.id));
        const asked = request.body ?? {};
        aim(request, run);
        void reply.code(202);
        const job = jobs.start({
          kind: `run.${name}`,
          target: run.id,
          actor: request.actor.id,
          cause: causeOf(request),
          work: async () => ({ report: await work(run, asked) }),
        });
        return { ok: true, job };
      },
    );
  };
  end('drain', 'Stops the sources and lets the rest flow out.', { 'timeout?': GRACE }, (run, { timeout = '10s' }) => {
    if (parseDuration(timeout) === undefined)
      throw new SluiceError('REQUEST_INVALID', `${timeout} is no duration.`, { hint: 'Such as 10s.' });
    return run.drain({ timeout });
  });
  end('stop', 'Drains for two seconds, then drops what is left.', {}, (run) => run.drain({ timeout: '2s' }));

  app.post<OfRun & { Body: { scope?: string; reason?: string } | null }>(
    '/api/v1/runs/:id/cancel',
    {
      config: { guard: { scope: 'operate', action: 'run.cancel' } },
      schema: described('runs', 'cancelRun', 'Fences a run, or one session or unit of it, at once.', {
        description: 'What is fenced is refused everywhere from that moment on; what waits is dropped and counted.',
        params: ID,
        body: {
          ...shape({
            'scope?': told(text, 'Id of a session or unit; left out, the whole run.'),
            'reason?': { type: 'string', maxLength: 200 },
          }),
          type: ['object', 'null'],
        },
        answer: ok({ job: ref('Job') }),
        status: 202,
      }),
    },
    (request, reply) => {
      const run = alive(runs.need(request.params.id));
      const { scope, reason = 'cancelled by an operator' } = request.body ?? {};
      aim(request, run, scope);
      const fence = scope === undefined ? undefined : run.cancelScope(scope, reason);
      if (scope !== undefined && fence === undefined) {
        throw new SluiceError('SCOPE_UNKNOWN', `${run.id} has no session or unit ${JSON.stringify(scope)}.`, {
          hint: 'Events of the run name those that are open.',
        });
      }
      void reply.code(202);
      const job = jobs.start({
        kind: 'run.cancel',
        target: scope === undefined ? run.id : `${run.id}/${scope}`,
        actor: request.actor.id,
        cause: causeOf(request),
        work: async () => (fence === undefined ? { report: await run.cancel(reason) } : await fence),
      });
      return { ok: true, job };
    },
  );

  app.post<OfRun & { Params: { node: string } }>(
    '/api/v1/runs/:id/nodes/:node/reset-circuit',
    {
      config: { guard: { scope: 'operate', action: 'node.reset_circuit' } },
      schema: described('runs', 'resetCircuit', 'Closes the circuit of a node by hand.', { params: named('id', 'node'), answer: ok() }),
    },
    (request) => {
      const run = alive(runs.need(request.params.id));
      aim(request, run, request.params.node);
      if (!run.plan.nodes.some(({ id }) => id === request.params.node)) {
        throw new SluiceError('NODE_TYPE_UNKNOWN', `${run.id} has no node ${JSON.stringify(request.params.node)}.`, {
          hint: 'GET /api/v1/runs/:id shows its nodes.',
        });
      }
      run.resetCircuit(request.params.node);
      return { ok: true };
    },
  );
}

/** `POST /api/v1/runs`: where the server has a folder of graphs. */
export function startRoutes(app: FastifyInstance, deps: WorkDeps): void {
  const { library, supervisor } = deps;
  app.post<{ Body: { graph?: string; text?: string; params?: Record<string, unknown>; inputs?: Record<string, unknown[]> } }>(
    '/api/v1/runs',
    {
      config: { guard: { scope: 'operate', action: 'run.start' } },
      schema: described('runs', 'startRun', 'Starts a graph of the folder, or one that is given as text.', {
        description:
          'It answers at once: `state` is `starting` until all nodes are open; what keeps it from starting is in `reasons` and in the events.',
        body: shape({
          'graph?': told(text, 'Its name in GET /api/v1/graphs.'),
          'text?': told(text, 'YAML, in place of what the folder has.'),
          'params?': open,
          'inputs?': told(map(list({})), 'Payloads of each input of the graph.'),
        }),
        answer: ok({ run: ref('Run') }),
        status: 201,
      }),
    },
    (request, reply) => {
      const { graph, text: given, params, inputs } = request.body;
      request.auditTarget = graph ?? 'text';
      if (graph === undefined && given === undefined) {
        throw new SluiceError('REQUEST_INVALID', 'Neither a graph nor a text is given.', {
          hint: 'Send { "graph": name } or { "text": yaml }.',
        });
      }
      const { plan } = library.plan(given ?? library.get(graph!).text, graph, params);
      request.auditMeta = { plan_hash: plan.hash };
      const run = supervisor.start(plan, {
        ...(inputs === undefined ? {} : { inputs }),
        ...(params === undefined ? {} : { params }),
        cause: causeOf(request),
      });
      void reply.code(201);
      return { ok: true, run: summaryOf(run, deps, graphNameOf(run, deps)) };
    },
  );
}

interface Ending {
  readonly timeout?: string;
}

type Head = Omit<RunFigures, 'nodes' | 'edges'>;

export function summaryOf(run: Run, { runs }: Deps, graphName: string | null, head: Head = run.figures()): object {
  const { id, graph, plan_hash, state, status, reasons, started_at, duration_ms } = head;
  return {
    id,
    graph,
    graph_name: graphName,
    ...(run.plan.description === undefined ? {} : { description: run.plan.description }),
    plan_hash,
    state,
    status,
    reasons,
    started_at,
    duration_ms,
    correlation_id: runs.cause(id).correlation_id,
    previews: runs.previews(id).map(({ node, port }) => ({ node, port, url: pictureUrl(id, node, port) })),
  };
}

/** Name of a run's graph in the folder; null where it is not there. */
export function graphNameOf(run: Run, { library }: WorkDeps): string | null {
  return run.plan.file === undefined ? null : (library.nameOf(run.plan.file) ?? null);
}

function aim(request: FastifyRequest, run: Run, part?: string): void {
  request.auditTarget = part === undefined ? run.id : `${run.id}/${part}`;
  request.auditMeta = { graph: run.plan.name, plan_hash: run.plan.hash };
}

function alive(run: Run): Run {
  if (run.figures().state !== 'done') return run;
  throw new SluiceError('RUN_ENDED', `${run.id} has ended.`, { hint: 'Start its graph again: POST /api/v1/runs.' });
}
