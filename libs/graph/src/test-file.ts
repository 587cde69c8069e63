import { DURATION, type JsonSchema } from '@sluice/sdk/catalogue';
import type { CheckInput } from './check';
import { conform } from './conform';
import type { Diagnostic } from './diagnostic';
import { nearest } from './nearest';
import { meant, Source, type Path } from './source';
import { offsetOf, parsePositioned, type Aim, type Positioned } from './text/document';
import { locate } from './text/locate';
import { read } from './text/read';

const said = (description: string, schema: JsonSchema = {}): JsonSchema => ({ description, ...schema });
const object = (properties: Record<string, JsonSchema>, more: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
const byName = (schema: JsonSchema): JsonSchema => ({ type: 'object', additionalProperties: schema });

const TEXT: JsonSchema = { type: 'string' };
const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
const MAPPING: JsonSchema = { type: 'object' };
const MOMENT: JsonSchema = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d:\\d\\d))?$' };
/** Virtual time: a duration, or a number of milliseconds. */
const TIME: JsonSchema = { type: ['string', 'number'], pattern: DURATION.source, minimum: 0, examples: ['250ms', '10s', 1500] };
const HOW_MANY: JsonSchema = {
  type: ['integer', 'object'],
  minimum: 0,
  additionalProperties: false,
  properties: { min: COUNT, max: COUNT },
};

const PACKET: Readonly<Record<string, JsonSchema>> = {
  payload: said('The payload.'),
  kind: said('Kind of the packet.', TEXT),
  meta: said('Meta of the packet.', MAPPING),
  source_id: said('Origin stream: camera, sensor, topic.', TEXT),
  key: said('Stable key of the packet.', TEXT),
};

const given = object(PACKET, {
  properties: {
    ...PACKET,
    at: said('When it comes, virtual time since the start.', TIME),
    time: said('Event time: ISO-8601, or ms since the epoch; default the virtual time.', { ...MOMENT, type: ['string', 'integer'] }),
    port: said('Output of the node that it leaves by; where the node has several.', TEXT),
  },
  required: ['payload'],
});

const seen = object({
  ...PACKET,
  at: said('When it came, virtual time since the start.', TIME),
  epoch: said('Epoch of its source.', COUNT),
});

const REPLY: Readonly<Record<string, JsonSchema>> = {
  payload: said('Payload of the packet that it gives.'),
  payloads: said('Payloads of the packets that it gives, in order.', list({})),
  port: said('Output that it leaves by, where the node has several.', TEXT),
  meta: said('Meta that is added.', MAPPING),
  error: said('Code of the error that it throws instead.', TEXT),
  message: said('Text of that error.', TEXT),
  retryable: said('Whether that error may pass by itself.', { type: 'boolean' }),
  after: said('How long the call takes, virtual time.', TIME),
  none: said('It gives nothing.', { const: true }),
};

const SHARED: Readonly<Record<string, JsonSchema>> = {
  params: said("Values of the graph's parameters.", MAPPING),
  env: said('Environment variables that the graph sees; no others are set.', byName({ type: ['string', 'number', 'boolean'] })),
  secrets: said('Secrets that the graph sees.', byName(TEXT)),
  start: said('The moment at which virtual time begins, ISO-8601; default 2026-01-01T00:00:00Z.', MOMENT),
  seed: said('Seed of chance; default 1.', { type: 'integer' }),
  until: said('Virtual time after which the run is drained; without it the run ends when its sources do.', TIME),
  max_packets: said('Sources are stopped after so many packets.', COUNT),
  given: said(
    'What comes in, by input of the graph or by source node (whose own code is then not run): packets, or more exactly.',
    byName({
      ...list(given),
      type: ['array', 'object'],
      additionalProperties: false,
      properties: {
        packets: said('Packets, in order.', list(given)),
        payloads: said('Payloads, in order.', list({})),
        file: said('JSON lines, relative to the test: packets (mappings with a payload), or else payloads.', TEXT),
        every: said('Virtual time between two packets that do not say `at`.', TIME),
        ends: said('Whether the stream ends behind them; default true.', { type: 'boolean', default: true }),
      },
    }),
  ),
  mock: said(
    'Nodes whose own code is not run, by id.',
    byName(
      object({
        returns: said('Payload that every call gives.'),
        replies: said('What the calls give, one after the other.', list(object(REPLY))),
        when: said(
          'What calls give, by the packet that they get; the first that matches counts.',
          list(object({ match: said('What the packet must contain.', seen), ...REPLY }, { required: ['match'] })),
        ),
        pass: said('Every packet leaves as it came.', { const: true }),
        after: said('How long every call takes, virtual time.', TIME),
        port: said('Output that `returns` and `pass` leave by, where the node has several.', TEXT),
      }),
    ),
  ),
  fault: said(
    'What goes wrong, by node.',
    byName(
      object({
        fail: said('So many calls fail, then it is ok again: 2, or `2 then ok`.', {
          type: ['integer', 'string'],
          minimum: 1,
          pattern: '^[1-9]\\d*( then ok)?$',
        }),
        slow: said('Every call takes so much longer, virtual time.', TIME),
        crash: said('After so many packets every call fails for good; a source breaks off once and is read again: 3, or `after 3`.', {
          type: ['integer', 'string'],
          minimum: 0,
          pattern: '^(after )?\\d+$',
        }),
        code: said('Code of the failures; default TEST_FAULT.', TEXT),
        retryable: said('Whether `fail` may pass by itself; default true.', { type: 'boolean', default: true }),
      }),
    ),
  ),
  at: said('What is done to the run, by virtual time.', byName({ enum: ['drain', 'cancel', 'pause', 'resume'] })),
};

const EXPECT: Readonly<Record<string, JsonSchema>> = {
  expect: said(
    'What passes by a port: `node.port`, `node` where it has one, the input of a sink (what it has written), or an output of the graph. A list is `packets`.',
    byName({
      ...list(seen),
      type: ['array', 'object'],
      additionalProperties: false,
      properties: {
        count: said('How many.', HOW_MANY),
        packets: said('All of them, in order; each has at least what is named.', list(seen)),
        payloads: said('Payloads of all of them, in order.', list({})),
        contains: said('These are among them, in this order.', list(seen)),
        absent: said('None at all (true), or none like these.', { type: ['boolean', 'array'], items: seen }),
        order: said('Whether the order counts; default exact.', { enum: ['exact', 'any'] }),
        within: said('The last came no later than this, virtual time since the start.', TIME),
        after: said('The first came no earlier than this.', TIME),
        codes: said('Codes of the failures of a node, in order; at its port `error`.', list(TEXT)),
        golden: said('File with the packets, relative to the test; `--update` writes it.', TEXT),
      },
    }),
  ),
  run: said(
    'What is expected of the run as a whole.',
    object({
      status: said('Default ok: a run that loses something unasked, or fails, fails its test.', { enum: ['ok', 'degraded', 'error'] }),
      reasons: said('Texts that occur in the reasons why it is not ok.', list(TEXT)),
      within: said('It took no longer than this, virtual time.', TIME),
      delivery: said('How deliveries ended.', object({ acked: HOW_MANY, nacked: HOW_MANY, cancelled: HOW_MANY })),
      nodes: said('Figures of nodes: consumed, produced, errors, counters ...', byName(MAPPING)),
      edges: said('Figures of edges, by `a.port -> b.port`: in, out, dropped, peak ...', byName(MAPPING)),
      events: said('Names of events of the run, in this order.', list(TEXT)),
    }),
  ),
};

const CASE = object({
  name: said('What the test says, a sentence.', TEXT),
  skip: said('Why it is not run.', TEXT),
  only: said('Run this one and no others of the file.', { const: true }),
  each: said('A table: the test is run once per row, with `${each.<column>}` in its texts.', list(MAPPING)),
  ...SHARED,
  ...EXPECT,
});

const SUITE = object({
  graph: said('The graph, relative to this file; default the file of the same name.', TEXT),
  description: said('What is tested.', TEXT),
  tests: said('Tests; what stands beside them holds for all.', { type: 'array', items: CASE, minItems: 1 }),
  ...(CASE['properties'] as object),
});

/** JSON Schema (draft-07) of a file of graph tests, `<name>.test.yaml`. */
export function testSchema(): JsonSchema {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Sluice graph tests', ...SUITE };
}

/** A test of a file, its table filled in, with the place that it stands at. */
export interface TestSpec {
  readonly path: Path;
  /** Row of the table, from 0. */
  readonly row?: number;
  readonly value: Readonly<Record<string, unknown>>;
}

/** What a file of graph tests says, or what is wrong with it. */
export interface TestFile {
  readonly diagnostics: readonly Diagnostic[];
  /** What holds for all tests, and `graph`. */
  readonly shared: Readonly<Record<string, unknown>>;
  readonly tests: readonly TestSpec[];
  /** Line and column, from 1, of what stands at a path. */
  at(path: Path, aim?: Aim): { readonly line: number; readonly column: number };
  /** Where a file names something that is not there. */
  unknown(path: Path, what: string, name: string, known: Iterable<string>): Diagnostic;
}

/** Reads a file of graph tests: every finding at once; the tests where there is none. Never throws. */
export function checkTests(input: CheckInput): TestFile {
  const source = new Source(input.file, input.text);
  const { value, readable, faults } = read(source);
  let shared: Readonly<Record<string, unknown>> = {};
  let tests: TestSpec[] = [];
  if (readable) {
    const site = { say: source.say.bind(source), owner: 'test', note: () => undefined, secret: () => undefined };
    const raw = isMapping(value) ? value : {};
    const listed = Array.isArray(raw['tests']);
    const { tests: _tests, each: _each, ...beside } = raw;
    const schema = listed ? beside : raw;
    if (!isMapping(value)) conform({ type: 'object' }, value, [], site);
    else if (raw['tests'] !== undefined && !listed) conform({ type: 'array' }, raw['tests'], ['tests'], site);
    else if (listed) {
      if ((raw['tests'] as unknown[]).length === 0) conform({ type: 'array', minItems: 1 }, [], ['tests'], site);
      shared = (conform(SUITE, beside, [], site) ?? {}) as typeof shared;
      tests = (raw['tests'] as unknown[]).flatMap((one, i) => rows(one, ['tests', i], CASE, site));
      for (const key of ['expect', 'run', 'each', 'only', 'name'])
        if (raw[key] !== undefined)
          source.say('CONFIG_UNKNOWN_KEY', [key], `test: \`${key}\` belongs to a test of the list.`, { atKey: true });
    } else tests = rows(schema, [], SUITE, site);
    if (raw['tests'] === undefined) shared = tests[0]?.value ?? {};
  }
  let positions: Positioned | undefined;
  return {
    diagnostics: [...faults, ...locate(source)],
    shared,
    tests,
    at(path, aim = {}) {
      positions ??= parsePositioned(input.text, false);
      const { line, col } = positions.lines.linePos(offsetOf(positions.document, input.text, path, aim));
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
    unknown(path, what, name, known) {
      const own = new Source(input.file, input.text);
      const names = [...known];
      const hint = meant(nearest(name, names)) ?? (names.length === 0 ? undefined : `There are ${names.slice(0, 12).join(', ')}.`);
      own.say('CONFIG_NOT_IN_ENUM', path, `test: the graph has no ${what} \`${name}\`.`, { atKey: true, hint });
      return locate(own)[0]!;
    },
  };
}

/** A test for each row of its table. */
function rows(one: unknown, path: Path, schema: JsonSchema, site: Parameters<typeof conform>[3]): TestSpec[] {
  if (!isMapping(one)) {
    conform(schema, one, path, site);
    return [];
  }
  const { each, ...rest } = one;
  const spec = (value: unknown, row?: number): TestSpec[] => {
    const made = conform(schema, value, path, site);
    const times = isMapping(made) && isMapping(made['at']) ? Object.keys(made['at']) : [];
    for (const time of times)
      if (!/^\d+$/.test(time) && !DURATION.test(time))
        site.say('CONFIG_BAD_DURATION', [...path, 'at', time], `test: \`${time}\` is no duration.`, { atKey: true });
    return isMapping(made) ? [{ path, value: made, ...(row === undefined ? {} : { row }) }] : [];
  };
  if (each === undefined) return spec(one);
  const table = conform((CASE['properties'] as Record<string, JsonSchema>)['each']!, each, [...path, 'each'], site);
  if (!Array.isArray(table)) return [];
  return table.flatMap((row, i) =>
    isMapping(row)
      ? spec(
          filled(rest, row, (at, name) => missing(site, [...path, ...at], name, row)),
          i,
        )
      : [],
  );
}

function missing(site: Parameters<typeof conform>[3], path: Path, name: string, row: Readonly<Record<string, unknown>>): void {
  site.say('CONFIG_PLACEHOLDER_UNKNOWN', path, `test: the table has no column \`${name}\`.`, {
    hint: meant(nearest(name, Object.keys(row))) ?? `Its columns are ${Object.keys(row).join(', ')}.`,
  });
}

const WHOLE = /^\$\{each\.([\w-]+)\}$/;

/** The value with `${each.x}` replaced; where a text is nothing else, by the value as it is. */
function filled(
  value: unknown,
  row: Readonly<Record<string, unknown>>,
  unknown: (path: Path, name: string) => void,
  path: Path = [],
): unknown {
  const look = (name: string): unknown => {
    if (Object.hasOwn(row, name)) return row[name];
    unknown(path, name);
    return undefined;
  };
  if (typeof value === 'string') {
    const [, whole] = WHOLE.exec(value) ?? [];
    if (whole !== undefined) return look(whole);
    return value.replace(/\$\{each\.([\w-]+)\}/g, (_, name: string) => {
      const found = look(name);
      return typeof found === 'string' ? found : JSON.stringify(found);
    });
  }
  if (Array.isArray(value)) return value.map((item, i) => filled(item, row, unknown, [...path, i]));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, row, unknown, [...path, key])]));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
