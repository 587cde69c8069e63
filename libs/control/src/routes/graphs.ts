import { drawGraph, graphSchema, planDiff } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { causeOf, type WorkDeps } from '../deps';
import { deploy, NOTHING } from '../deploy';
import type { SaveRequest } from '../graphs/library';
import { shownPlan } from '../graphs/shown-plan';
import { choice, described, flag, hash, list, map, moment, named, nullable, ok, open, ref, shape, text, told, whole } from '../schemas';
import { graphNameOf } from './runs';
import { TIMEOUT } from './nodes';

interface Of {
  readonly Params: { readonly name: string };
}

/** What a check, a plan or a drawing is of. */
interface Subject {
  readonly name?: string;
  readonly text?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

const NAME = named('name');
const TEXT = { type: 'string', maxLength: 900_000 };
const PARAMS = told(open, 'Left out, those that what runs of the graph was given.');
const SUBJECT = {
  'name?': told(text, 'A graph of the folder; with a text, where that lies.'),
  'text?': told(TEXT, 'YAML, in place of what the folder has.'),
  'params?': PARAMS,
};
const LAYOUT = told(nullable(open), 'Places of the nodes: kept beside the graph, in <name>.layout.json.');
const BASE = told(
  nullable(hash),
  'SHA-256 of the text that was edited; null where there was none. Where another is there now, it is not saved: 409.',
);
const CHECKED = {
  valid: flag,
  diagnostics: list(ref('Diagnostic')),
  plan_hash: nullable(hash),
  params: told(map(open), 'Parameters of the graph with their values and where those came from.'),
};

/** `/api/v1/graphs`: graphs of the folder, checked, drawn, saved, published, deployed. */
export function graphRoutes(app: FastifyInstance, deps: WorkDeps): void {
  const { library, versions, runs, workspace, supervisor, jobs, redact } = deps;
  const { events } = runs;
  const runsOf = (name: string) => runs.list().filter((run) => run.figures().state !== 'done' && graphNameOf(run, deps) === name);
  /** Parameters that hold where none are given: those that what runs of the graph was given, as far as the text still has them. */
  const paramsOf = (name: string | undefined, given: string): Readonly<Record<string, unknown>> => {
    const run = name === undefined ? undefined : runsOf(name).at(-1);
    const values = Object.entries(run === undefined ? {} : runs.params(run.id));
    if (values.length === 0) return {};
    const { params } = library.check(given, name);
    return Object.fromEntries(values.filter(([param]) => params[param] !== undefined));
  };
  const textOf = ({ name, text: given }: Subject): string => {
    if (given !== undefined) return given;
    if (name !== undefined) return library.get(name).text;
    throw new SluiceError('REQUEST_INVALID', 'Neither a name nor a text is given.', {
      hint: 'Send { "name": graph } or { "text": yaml }.',
    });
  };
  const checked = (subject: Subject) => {
    const written = textOf(subject);
    const { plan, diagnostics, params } = library.check(written, subject.name, subject.params ?? paramsOf(subject.name, written));
    const values = Object.fromEntries(
      Object.values(params).map((param) => [
        param.name,
        { value: param.secret ? '***' : (param.value ?? null), layer: param.layer ?? null },
      ]),
    );
    const findings = JSON.parse(redact(JSON.stringify(diagnostics))) as typeof diagnostics;
    return { valid: plan !== undefined, diagnostics: findings, plan_hash: plan?.hash ?? null, params: values, plan };
  };
  const planOf = (subject: Subject) => {
    const written = textOf(subject);
    return library.plan(written, subject.name, subject.params ?? paramsOf(subject.name, written));
  };
  const tell = (request: FastifyRequest, action: string, name: string, payload: object): void =>
    events.emit(`graph:graph:${action}`, { kind: 'graph', id: name }, payload, causeOf(request));

  app.get(
    '/api/v1/graphs',
    { schema: described('graphs', 'listGraphs', 'Graphs of the folder.', { answer: ok({ graphs: list(ref('GraphSummary')) }) }) },
    () => {
      return {
        ok: true,
        graphs: library.list().map((graph) => {
          const newest = versions.latest(graph.name);
          return {
            ...graph,
            version: newest?.version ?? null,
            published: newest?.sha256 === graph.sha256,
            runs: runsOf(graph.name).map(({ id }) => id),
          };
        }),
      };
    },
  );

  app.get<Of>(
    '/api/v1/graphs/:name',
    {
      config: { verbatim: true },
      schema: described('graphs', 'getGraph', 'The text of a graph, its layout, and what the check says of it.', {
        description: 'A name with folders has its / written as %2F.',
        params: NAME,
        answer: ok({
          graph: shape({
            name: text,
            file: text,
            text,
            sha256: hash,
            layout: nullable(open),
            modified_at: moment,
            ...CHECKED,
            version: nullable(whole),
            runs: list(text),
          }),
        }),
      }),
    },
    ({ params: { name } }) => {
      const graph = library.get(name);
      const { plan: _, ...rest } = checked({ name, text: graph.text });
      return {
        ok: true,
        graph: {
          ...graph,
          ...rest,
          params: JSON.parse(redact(JSON.stringify(rest.params))) as object,
          version: versions.latest(name)?.version ?? null,
          runs: runsOf(name).map(({ id }) => id),
        },
      };
    },
  );

  app.put<Of & { Body: SaveRequest }>(
    '/api/v1/graphs/:name',
    {
      config: { guard: { scope: 'operate', action: 'graph.save' } },
      schema: described('graphs', 'saveGraph', 'Saves the text of a graph as it is: comments and order stay. It may have errors.', {
        params: NAME,
        body: shape({ text: TEXT, 'base?': BASE, 'layout?': LAYOUT }),
        answer: ok({
          graph: shape({ name: text, file: text, sha256: hash, modified_at: moment, valid: flag, diagnostics: list(ref('Diagnostic')) }),
        }),
      }),
    },
    (request) => {
      const { name } = request.params;
      request.auditTarget = name;
      const saved = library.save(name, request.body);
      request.auditMeta = { sha256: saved.sha256, base: request.body.base ?? null };
      tell(request, 'saved', name, { sha256: saved.sha256 });
      const { valid, diagnostics } = checked({ name, text: saved.text });
      return { ok: true, graph: { name, file: saved.file, sha256: saved.sha256, modified_at: saved.modified_at, valid, diagnostics } };
    },
  );

  app.put<Of & { Body: { layout: unknown } }>(
    '/api/v1/graphs/:name/layout',
    {
      config: { guard: { scope: 'operate', action: 'graph.layout' } },
      schema: described('graphs', 'saveLayout', 'Saves where the nodes of a graph are drawn.', {
        params: NAME,
        body: shape({ layout: LAYOUT }),
        answer: ok(),
      }),
    },
    (request) => {
      request.auditTarget = request.params.name;
      library.saveLayout(request.params.name, request.body.layout);
      return { ok: true };
    },
  );

  app.post<{ Body: Subject }>(
    '/api/v1/graphs/validate',
    {
      config: { pure: true },
      schema: described('graphs', 'validateGraph', 'Every finding on a graph, at once.', { body: shape(SUBJECT), answer: ok(CHECKED) }),
    },
    ({ body }) => {
      const { plan: _, ...rest } = checked(body);
      return { ok: true, ...rest };
    },
  );

  app.post<{ Body: Subject }>(
    '/api/v1/graphs/plan',
    {
      config: { pure: true },
      schema: described('graphs', 'planGraph', 'The checked and resolved form of a graph.', {
        body: shape(SUBJECT),
        answer: ok({ plan: ref('Plan'), diagnostics: list(ref('Diagnostic')) }),
      }),
    },
    ({ body }) => {
      const { plan, diagnostics } = planOf(body);
      return { ok: true, plan: shownPlan(plan), diagnostics };
    },
  );

  app.post<{ Body: Subject & { format: 'mermaid' | 'dot' } }>(
    '/api/v1/graphs/draw',
    {
      config: { pure: true },
      schema: described('graphs', 'drawGraph', 'A graph as text for Mermaid or Graphviz.', {
        body: shape({ ...SUBJECT, 'format?': { ...choice('mermaid', 'dot'), default: 'mermaid' } }),
        answer: ok({ format: text, drawing: text }),
      }),
    },
    ({ body }) => ({ ok: true, format: body.format, drawing: drawGraph(planOf(body).plan, body.format) }),
  );

  app.post<{ Body: { name?: string; before: Side; after: Side } }>(
    '/api/v1/graphs/diff',
    {
      config: { pure: true },
      schema: described('graphs', 'diffGraphs', 'What differs between two graphs, by the ids of nodes and edges.', {
        body: shape({ 'name?': text, before: SIDE, after: SIDE }),
        answer: ok({ diff: ref('PlanDiff') }),
      }),
    },
    ({ body: { name, before, after } }) => {
      const planOfSide = (side: Side) => {
        if (side.run !== undefined) return runs.need(side.run).plan;
        const of = side.name ?? name;
        if (side.version === undefined) return planOf({ ...side, ...(of === undefined ? {} : { name: of }) }).plan;
        if (of === undefined) throw new SluiceError('REQUEST_INVALID', 'A version of which graph?', { hint: 'Send its name, too.' });
        return planOf({
          name: of,
          text: versions.read(of, side.version).text,
          ...(side.params === undefined ? {} : { params: side.params }),
        }).plan;
      };
      return { ok: true, diff: planDiff(planOfSide(before), planOfSide(after)) };
    },
  );

  app.post<{ Body: Subject & { inputs: Record<string, unknown[]>; timeout_ms: number } }>(
    '/api/v1/graphs/try',
    {
      config: { guard: { scope: 'operate', action: 'graph.try' } },
      schema: described('graphs', 'tryGraph', 'Runs a graph to its end on given input, and gives what came out.', {
        body: shape({ ...SUBJECT, 'inputs?': { ...map(list({})), default: {} }, 'timeout_ms?': TIMEOUT }),
        answer: ok({ trial: ref('Trial') }),
      }),
    },
    async (request) => {
      const { name, inputs, timeout_ms } = request.body;
      request.auditTarget = name ?? 'text';
      const { plan } = planOf(request.body);
      return { ok: true, trial: await supervisor.try(plan, inputs, timeout_ms) };
    },
  );

  app.get<Of>(
    '/api/v1/graphs/:name/versions',
    {
      schema: described('graphs', 'listVersions', 'Published versions of a graph, oldest first.', {
        params: NAME,
        answer: ok({ versions: list(ref('GraphVersion')) }),
      }),
    },
    ({ params: { name } }) => {
      library.path(name);
      return { ok: true, versions: versions.list(name) };
    },
  );

  app.get<{ Params: { name: string; version: number } }>(
    '/api/v1/graphs/:name/versions/:version',
    {
      config: { verbatim: true },
      schema: described('graphs', 'getVersion', 'The text of a version, as it was published.', {
        params: shape({ name: text, version: { type: 'integer', minimum: 1 } }),
        answer: ok({ version: ref('GraphVersionText') }),
      }),
    },
    ({ params: { name, version } }) => {
      library.path(name);
      return { ok: true, version: versions.read(name, version) };
    },
  );

  app.get<Of & { Querystring: { from: number; to?: number } }>(
    '/api/v1/graphs/:name/diff',
    {
      config: { verbatim: true },
      schema: described('graphs', 'diffVersions', 'What differs between two versions, or a version and the text that is there.', {
        params: NAME,
        query: shape({
          from: { type: 'integer', minimum: 1 },
          'to?': told({ type: 'integer', minimum: 1 }, 'Left out, the text that is there.'),
        }),
        answer: ok({ diff: ref('PlanDiff'), before: text, after: text }),
      }),
    },
    ({ params: { name }, query: { from, to } }) => {
      const before = versions.read(name, from).text;
      const after = to === undefined ? library.get(name).text : versions.read(name, to).text;
      return { ok: true, diff: planDiff(library.plan(before, name).plan, library.plan(after, name).plan), before, after };
    },
  );

  app.post<Of & { Body: { note?: string; base?: string } | null }>(
    '/api/v1/graphs/:name/publish',
    {
      config: { guard: { scope: 'operate', action: 'graph.publish' } },
      schema: described('graphs', 'publishGraph', 'Makes the text that is there a version, which never changes.', {
        params: NAME,
        body: { ...shape({ 'note?': { type: 'string', maxLength: 500 }, 'base?': BASE }), type: ['object', 'null'] },
        answer: ok({ version: ref('GraphVersion') }),
        status: 201,
      }),
    },
    (request, reply) => {
      const { name } = request.params;
      const { note = '', base } = request.body ?? {};
      request.auditTarget = name;
      const graph = library.get(name);
      if (base !== undefined && base !== graph.sha256) {
        throw new SluiceError('GRAPH_CHANGED', `${name} was changed since it was read.`, {
          hint: 'Read it again.',
          details: { sha256: graph.sha256 },
        });
      }
      const { plan } = library.plan(graph.text, name);
      const version = versions.publish(name, graph.text, { plan_hash: plan.hash, actor: request.actor.id, note });
      request.auditMeta = { version: version.version, sha256: version.sha256 };
      tell(request, 'published', name, { version: version.version });
      void reply.code(201);
      return { ok: true, version };
    },
  );

  app.post<Of & { Body: { version: number; deploy?: boolean } }>(
    '/api/v1/graphs/:name/rollback',
    {
      config: { guard: { scope: 'operate', action: 'graph.rollback' } },
      schema: described('graphs', 'rollbackGraph', 'Puts a published version back, and deploys it where asked: one call.', {
        params: NAME,
        body: shape({ version: { type: 'integer', minimum: 1 }, 'deploy?': { type: 'boolean', default: false } }),
        answer: ok({ graph: shape({ name: text, sha256: hash, version: whole }), job: { anyOf: [ref('Job'), { type: 'null' }] } }),
      }),
    },
    (request) => {
      const { name } = request.params;
      request.auditTarget = name;
      const version = versions.read(name, request.body.version);
      const values = paramsOf(name, version.text);
      const { plan } = library.plan(version.text, name, values);
      const saved = library.save(name, { text: version.text });
      request.auditMeta = { version: version.version, sha256: saved.sha256 };
      tell(request, 'rolled_back', name, { version: version.version });
      const job =
        request.body.deploy === true
          ? jobs.start({
              kind: 'graph.deploy',
              target: name,
              actor: request.actor.id,
              cause: causeOf(request),
              alone: true,
              work: (control) => deploy(deps, { name, plan, params: values, cause: causeOf(request), control }),
            })
          : null;
      return { ok: true, graph: { name, sha256: saved.sha256, version: version.version }, job };
    },
  );

  app.post<Of & { Body: DeployBody }>(
    '/api/v1/graphs/:name/deploy',
    {
      config: { guard: { scope: 'operate', action: 'graph.deploy' } },
      schema: described('graphs', 'deployGraph', 'Checks, saves, publishes and runs a graph; one that runs is changed while it runs.', {
        description:
          'Ask with POST /api/v1/graphs/diff what will change, show it, and send `plan_hash` of what was shown: another plan is refused (PLAN_CHANGED). ' +
          'The job’s result says which nodes were kept and which replaced. A graph that does not run is started.',
        params: NAME,
        body: shape({
          'text?': told(TEXT, 'Left out, the text that is there.'),
          'base?': BASE,
          'layout?': LAYOUT,
          'note?': { type: 'string', maxLength: 500 },
          'params?': PARAMS,
          'plan_hash?': told(hash, 'The plan that was confirmed.'),
        }),
        answer: ok({ version: ref('GraphVersion'), diff: ref('PlanDiff'), job: ref('Job') }),
        status: 202,
      }),
    },
    (request, reply) => {
      const { name } = request.params;
      const { text: given, base, layout, note = '', plan_hash } = request.body;
      request.auditTarget = name;
      const written = given ?? library.get(name).text;
      const params = request.body.params ?? paramsOf(name, written);
      const { plan } = library.plan(written, name, params);
      request.auditMeta = { plan_hash: plan.hash };
      if (plan_hash !== undefined && plan_hash !== plan.hash) {
        throw new SluiceError('PLAN_CHANGED', 'This is not the plan that was confirmed.', {
          hint: 'The text, a graph in it, or the environment has changed: look at the diff again.',
          details: { plan_hash: plan.hash },
        });
      }
      const saved =
        given === undefined
          ? library.get(name)
          : library.save(name, { text: given, ...(base === undefined ? {} : { base }), ...(layout === undefined ? {} : { layout }) });
      const version = versions.publish(name, saved.text, { plan_hash: plan.hash, actor: request.actor.id, note });
      const diff = planDiff(runsOf(name).at(-1)?.plan ?? NOTHING, plan);
      const cause = causeOf(request);
      void reply.code(202);
      const job = jobs.start({
        kind: 'graph.deploy',
        target: name,
        actor: request.actor.id,
        cause,
        alone: true,
        work: (control) => deploy(deps, { name, plan, params, cause, control }),
      });
      tell(request, 'deployed', name, { version: version.version, job: job.id });
      return { ok: true, version, diff, job };
    },
  );

  app.get(
    '/api/v1/schema',
    { schema: described('graphs', 'getGraphSchema', 'JSON Schema of graph files, with all node types.', { answer: ok({ schema: open }) }) },
    () => ({ ok: true, schema: graphSchema(workspace.catalogues()) }),
  );
}

/** One side of a comparison. */
interface Side extends Subject {
  readonly version?: number;
  readonly run?: string;
}
const SIDE = shape({ ...SUBJECT, 'version?': { type: 'integer', minimum: 1 }, 'run?': told(text, 'What a run runs.') });

interface DeployBody {
  readonly text?: string;
  readonly base?: string | null;
  readonly layout?: unknown;
  readonly note?: string;
  readonly params?: Record<string, unknown>;
  readonly plan_hash?: string;
}
