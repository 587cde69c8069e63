import type { FastifyInstance, FastifySchema } from 'fastify';

/** JSON Schema, as routes use it. */
export type Schema = Readonly<Record<string, unknown>>;

export const text: Schema = { type: 'string' };
export const number: Schema = { type: 'number' };
export const whole: Schema = { type: 'integer', minimum: 0 };
export const flag: Schema = { type: 'boolean' };
export const anything: Schema = {};
/** A moment, ISO-8601 UTC. */
export const moment: Schema = { type: 'string', format: 'date-time' };
export const hash: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' };
/** A map of anything. */
export const open: Schema = { type: 'object', additionalProperties: true };

export const or = (schema: Schema, other: 'null' | 'string'): Schema =>
  typeof schema['type'] === 'string' ? { ...schema, type: [schema['type'], other] } : { anyOf: [schema, { type: other }] };
export const nullable = (schema: Schema): Schema => or(schema, 'null');
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const map = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
export const choice = (...values: readonly string[]): Schema => ({ type: 'string', enum: values });
export const ref = (name: keyof typeof SHAPES): Schema => ({ $ref: `${name}#` });
/** An object; a name that ends in `?` may be left out. */
export function shape(fields: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    required: entries.flatMap(([name]) => (name.endsWith('?') ? [] : [name])),
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema])),
    additionalProperties: false,
    ...more,
  };
}
export const told = (schema: Schema, description: string): Schema => ({ ...schema, description });

/** An answer: `{ ok: true, ... }`. */
export const ok = (fields: Readonly<Record<string, Schema>> = {}): Schema => shape({ ok: { type: 'boolean', const: true }, ...fields });

/** All that a route says of itself; every fault has the same envelope. */
export function described(
  tag: string,
  operationId: string,
  summary: string,
  parts: {
    readonly description?: string;
    readonly params?: Schema;
    readonly query?: Schema;
    readonly body?: Schema;
    readonly answer?: Schema;
    readonly status?: 200 | 201 | 202 | 204;
    /** Content type of an answer that is no JSON. */
    readonly produces?: string;
  } = {},
): FastifySchema {
  const { description, params, query, body, answer, status = 200, produces } = parts;
  const good =
    produces !== undefined
      ? { description: summary, content: { [produces]: { schema: { type: 'string' } } } }
      : answer === undefined
        ? undefined
        : { description: summary, ...answer };
  return {
    tags: [tag],
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(body === undefined ? {} : { body }),
    response: { ...(good === undefined ? {} : { [status]: good }), default: { description: 'A fault.', ...ref('Error') } },
  } as FastifySchema;
}

/** `:id` and the like. */
export const named = (...names: readonly string[]): Schema =>
  shape(Object.fromEntries(names.map((name) => [name, { type: 'string', maxLength: 300 }])));

const endpoint = shape({ node: text, port: text });
const dropped = told(map(whole), 'Packets that were dropped, by reason.');
const portEntry = shape({ type: text, profile: choice('inproc_any', 'json_portable', 'ref_portable'), doc: text, 'optional?': flag });
const nodeFigures = {
  id: text,
  type: text,
  kind: text,
  state: choice('starting', 'ok', 'failing', 'ended', 'closed', 'stuck'),
  consumed: whole,
  produced: whole,
  errors: whole,
  p50_ms: number,
  p95_ms: number,
  p99_ms: number,
  busy: whole,
  counters: map(number),
  'circuit?': choice('closed', 'open', 'half_open'),
  'last_error?': shape({ code: text, message: text, at: moment }),
};
const edgeFigures = {
  id: text,
  when_full: choice('block', 'drop_newest', 'drop_oldest', 'latest', 'fair', 'error'),
  lane: text,
  capacity: whole,
  in: whole,
  out: whole,
  in_flight: whole,
  peak: whole,
  dropped,
  blocked_ms: number,
};
const runHead = {
  id: text,
  graph: text,
  plan_hash: hash,
  state: choice('starting', 'running', 'draining', 'done'),
  status: choice('ok', 'degraded', 'error'),
  reasons: list(text),
  started_at: moment,
  duration_ms: number,
};
const runInfo = {
  ...runHead,
  'description?': text,
  graph_name: told(nullable(text), 'Its graph in GET /graphs; null where it is not in the folder.'),
  correlation_id: nullable(text),
  previews: list(shape({ node: text, port: text, url: text })),
};
const liveParts = {
  nodes: list({ $ref: 'LiveNode#' }),
  edges: list({ $ref: 'LiveEdge#' }),
  delivery: shape({ acked: whole, nacked: whole, cancelled: whole }),
};
const versionInfo = { version: whole, sha256: hash, plan_hash: hash, published_at: moment, actor: text, note: text };
const audited = {
  event_id: text,
  ts: moment,
  actor: text,
  action: text,
  target: text,
  status: choice('ok', 'denied', 'error'),
  reason: text,
  request_id: text,
  correlation_id: text,
  meta: open,
  prev: hash,
  hash,
};
const differences = list(shape({ path: text, 'before?': anything, 'after?': anything }));
const side = shape({ name: text, hash: text });

/** What is on record of a run, beside the run itself. */
export const nodeRunParts = {
  node_runs: list(shape({ node: text, state: text, n: whole })),
  open: list(shape({ id: text, state: text })),
};

/** What waits for a person's decision. */
export const actionParts = {
  id: text,
  kind: choice('uncertain'),
  state: text,
  run: nullable(text),
  graph: text,
  node: text,
  since: told(number, 'Ms since the epoch.'),
  reason: nullable(text),
};

/** Shapes that have a name of their own in the description of the API. */
export const SHAPES = {
  Error: shape({
    ok: { type: 'boolean', const: false },
    error: shape({ code: text, message: text, 'hint?': text, details: anything, retryable: flag, request_id: text }),
    correlation_id: text,
  }),
  Diagnostic: shape({
    code: text,
    severity: choice('error', 'warning', 'info'),
    message: text,
    file: text,
    line: whole,
    column: whole,
    path: text,
    'node?': text,
    'hint?': text,
    docs: text,
  }),
  Endpoint: endpoint,
  Port: portEntry,
  NodeType: shape({
    type: text,
    kind: choice('source', 'transform', 'operator', 'sink'),
    'mode?': choice('pull', 'push', 'pausable'),
    'delivery?': choice('boundary', 'explicit'),
    'durable?': told(flag, 'A source whose packets come from a store.'),
    'stateful?': flag,
    summary: text,
    'doc?': text,
    in: map(portEntry),
    out: map(portEntry),
    config: told(open, 'JSON Schema of the config: what validates it, and what a form is made of.'),
    examples: list(shape({ title: text, config: open })),
    plugin: text,
  }),
  GraphSummary: shape({
    name: text,
    file: text,
    description: nullable(text),
    sha256: hash,
    modified_at: moment,
    nodes: whole,
    edges: whole,
    errors: whole,
    warnings: whole,
    version: told(nullable(whole), 'The newest published version.'),
    published: told(flag, 'Whether the text is that of the newest version.'),
    runs: told(list(text), 'Runs of it that go.'),
  }),
  GraphVersion: shape(versionInfo),
  GraphVersionText: shape({ ...versionInfo, text }),
  Plan: told(open, 'The checked and resolved graph: nodes, edges, inputs, outputs, hash. Secrets are shown as ***.'),
  PlanDiff: shape({
    same: flag,
    before: side,
    after: side,
    nodes: list(shape({ id: text, type: text, change: choice('kept', 'restarted', 'added', 'removed'), differences })),
    edges: list(shape({ id: text, change: choice('kept', 'changed', 'added', 'removed'), differences })),
    ports: differences,
  }),
  Run: shape(runInfo),
  RunDetail: shape({ ...runInfo, ...liveParts }),
  LiveNode: shape({ ...nodeFigures, consumed_per_s: number, produced_per_s: number, errors_per_s: number }),
  LiveEdge: shape({ ...edgeFigures, from: text, to: text, in_per_s: number, out_per_s: number, dropped_per_s: number }),
  LiveRun: shape({ ...runHead, ...liveParts }),
  RunReport: shape({
    ts: moment,
    status: choice('ok', 'degraded', 'error'),
    engine: text,
    graph: text,
    graph_version: whole,
    plan_hash: hash,
    duration_ms: number,
    metrics: map(number),
    reasons: list(text),
  }),
  Job: shape({
    id: text,
    kind: text,
    target: text,
    state: choice('running', 'done', 'failed', 'cancelled'),
    progress: nullable(number),
    message: text,
    started_at: moment,
    ended_at: nullable(moment),
    actor: text,
    correlation_id: nullable(text),
    result: anything,
    error: { anyOf: [shape({ code: text, message: text, 'hint?': text, details: anything }), { type: 'null' }] },
    log: list(text),
  }),
  Event: told(
    shape({
      v: { type: 'integer', const: 1 },
      seq: whole,
      cursor: text,
      event: told(text, '`domain:entity:action`'),
      entity: shape({ kind: text, id: text }),
      at: moment,
      correlation_id: nullable(text),
      request_id: nullable(text),
      payload: anything,
    }),
    '`event@1`',
  ),
  AuditRecord: shape(audited),
  Token: shape({ id: text, name: text, scope: choice('read', 'operate', 'admin'), created_at: moment, expires_at: nullable(moment) }),
  Asset: shape({
    name: text,
    category: text,
    state: choice('missing', 'staged', 'shipped', 'damaged'),
    size: whole,
    licence: text,
    origin: text,
  }),
  Finding: shape({ check: text, state: choice('ok', 'warning', 'failed'), message: text, 'fix?': text }),
  Queue: shape({
    name: text,
    rows: told(whole, 'Rows that wait or are under way.'),
    bytes: whole,
    retrying: whole,
    dead: told(whole, 'Dead letters, which nobody takes any more.'),
    parked: told(whole, 'Keys that wait behind a dead letter.'),
    oldest_ms: nullable(number),
    next_try_ms: nullable(number),
    readers: whole,
  }),
  QueueRow: shape({
    row: whole,
    state: choice('waiting', 'retrying', 'parked', 'dead'),
    why: told(text, 'What it waits for.'),
    key: text,
    id: text,
    priority: number,
    attempts: whole,
    at: told(number, 'Ms since the epoch, as all times here.'),
    age_ms: number,
    due: nullable(number),
    error: nullable(text),
    bytes: whole,
    kind: text,
    source_id: text,
    meta: open,
    'payload?': anything,
    damaged: flag,
  }),
  JournalRow: shape({
    seq: whole,
    at: told(number, 'Ms since the epoch.'),
    machine: text,
    entity: text,
    from_state: nullable(text),
    to_state: text,
    version: whole,
    due_at: nullable(number),
    run: nullable(text),
    reason: nullable(text),
    actor: text,
    correlation: nullable(text),
    data: open,
    prev: hash,
    hash,
  }),
  Action: shape({
    ...actionParts,
    links: shape({
      decide: told(text, 'POST `{ id, happened, reason? }` there.'),
      run: told(nullable(text), 'Its run, as it is on record.'),
    }),
  }),
  RecordedRun: shape({ id: text, state: text, at: number, graph: text, 'status?': text, 'reasons?': list(text) }),
  Entity: shape({
    machine: text,
    id: text,
    state: text,
    version: whole,
    data: open,
    due_at: nullable(number),
    run: nullable(text),
    at: told(number, 'When it last changed, ms since the epoch.'),
  }),
  Preset: shape({
    name: text,
    description: text,
    graph: told(text, 'File of its graph.'),
    params: told(
      list(
        shape({
          name: text,
          type: text,
          'description?': text,
          'default?': {},
          'enum?': list({}),
          'minimum?': number,
          'maximum?': number,
          'secret?': flag,
        }),
      ),
      'Parameters of the graph; `default` is what holds where nothing is given.',
    ),
    assets: told(list(shape({ name: text, there: flag })), 'What must be staged.'),
  }),
  Packet: told(
    shape({
      v: { type: 'integer', const: 1 },
      packet_id: text,
      ts: moment,
      kind: text,
      source_id: text,
      payload: anything,
      meta: anything,
      'seq?': whole,
      'scope?': text,
      'epoch?': whole,
      'cause?': text,
    }),
    '`packet@1`, bounded: `$more`, `$cut` and `$bytes` stand where something is left out.',
  ),
  Trial: shape({
    report: { $ref: 'RunReport#' },
    outputs: told(map(list(anything)), 'First payloads of each output, as a tap shows them.'),
    more: told(map(whole), 'How many came beyond those.'),
    errors: list(shape({ node: text, code: text, message: text })),
    timed_out: flag,
  }),
} satisfies Readonly<Record<string, Schema>>;

/** A named shape with other fields beside, or in place of, its own. */
export function extended(name: keyof typeof SHAPES, fields: Readonly<Record<string, Schema>>): Schema {
  type Fields = { readonly required: readonly string[]; readonly properties: object };
  const [own, more] = [SHAPES[name], shape(fields)] as unknown as readonly [Fields, Fields];
  return { ...own, required: [...new Set([...own.required, ...more.required])], properties: { ...own.properties, ...more.properties } };
}

/** A schema that holds the named shapes that it refers to: for use outside of the API. */
export function standalone(schema: Schema): Schema {
  const definitions: Record<string, unknown> = {};
  const named = (name: keyof typeof SHAPES): string => {
    if (!(name in definitions)) {
      definitions[name] = true;
      definitions[name] = held(SHAPES[name]);
    }
    return `#/definitions/${name}`;
  };
  const held = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(held);
    if (typeof value !== 'object' || value === null) return value;
    const made = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, held(item)]));
    const to = typeof made['$ref'] === 'string' && made['$ref'].endsWith('#') ? made['$ref'].slice(0, -1) : '';
    return to in SHAPES ? { ...made, $ref: named(to as keyof typeof SHAPES) } : made;
  };
  const whole = held(schema) as Schema;
  return Object.keys(definitions).length === 0 ? whole : { ...whole, definitions };
}

/** Makes the named shapes known to the routes. */
export function addShapes(app: FastifyInstance): void {
  for (const [name, schema] of Object.entries(SHAPES)) app.addSchema({ $id: name, title: name, ...(schema as Schema) });
}
