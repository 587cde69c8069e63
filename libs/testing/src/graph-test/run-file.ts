import { checkGraph, checkTests, type Diagnostic, type Plan, type TestFile, type TestSpec } from '@sluice/graph';
import type { RunEvent, RunFigures, RunReport } from '@sluice/runtime';
import { VirtualClock } from '@sluice/runtime';
import { SluiceError } from '@sluice/sdk';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Coverage } from './coverage';
import { msOf, type Fault, type GivenPacket, type Mock, type Stream, type Time } from './doubles';
import { codeMisses, goldenMisses, goldenOf, portMisses, runMisses, type Miss, type PortExpectation, type RunExpectation } from './expect';
import { runPlan, UNSTAGED } from './run-plan';
import type { Seen } from './seen';
import type { FileResult, TestFailure, TestHost, TestOptions, TestResult } from './types';

type ByName<V> = Readonly<Record<string, V>>;
/** A test as it is written. */
interface Written {
  readonly name?: string;
  readonly skip?: string;
  readonly only?: true;
  readonly params?: ByName<unknown>;
  readonly env?: ByName<unknown>;
  readonly secrets?: ByName<string>;
  readonly start?: string;
  readonly seed?: number;
  readonly until?: Time;
  readonly max_packets?: number;
  readonly given?: ByName<readonly GivenPacket[] | GivenFrom>;
  readonly mock?: ByName<Mock>;
  readonly fault?: ByName<Fault>;
  readonly at?: ByName<'drain' | 'cancel' | 'pause' | 'resume'>;
  readonly expect?: ByName<PortExpectation | readonly object[]>;
  readonly run?: RunExpectation;
}
interface GivenFrom {
  readonly packets?: readonly GivenPacket[];
  readonly payloads?: readonly unknown[];
  readonly file?: string;
  readonly every?: Time;
  readonly ends?: boolean;
}

/** A port that an expectation is about. */
type Target = { readonly side: 'out' | 'in'; readonly node: string; readonly port: string };

/** Runs the tests of one file, one after the other, each on the graph as it is compiled, in virtual time. */
export async function testFile(path: string, host: TestHost, options: TestOptions = {}): Promise<FileResult> {
  return new FileRun(path, host, options).all();
}

class FileRun {
  private readonly file: TestFile;
  private readonly graphPath: string;
  private readonly files: Set<string>;
  private readonly coverage: Coverage;
  private readonly read: (path: string) => string | undefined;

  constructor(
    private readonly path: string,
    private readonly host: TestHost,
    private readonly options: TestOptions,
  ) {
    this.read = host.read ?? ((file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined));
    const text = this.read(path);
    if (text === undefined)
      throw new SluiceError('TEST_NOT_FOUND', `There is no test ${path}.`, { hint: 'Tests are files <graph>.test.yaml.' });
    this.file = checkTests({ text, file: path });
    const named = this.file.shared['graph'];
    this.graphPath =
      typeof named === 'string' ? join(dirname(path), named) : join(dirname(path), basename(path).replace(TEST_SUFFIX, '.yaml'));
    this.files = new Set([resolve(path), resolve(this.graphPath)]);
    this.coverage = new Coverage(this.graphPath);
  }

  async all(): Promise<FileResult> {
    const { file, path, graphPath } = this;
    const result = { file: path, graph: graphPath };
    if (file.diagnostics.length > 0) return { ...result, diagnostics: file.diagnostics, tests: [], files: [...this.files] };
    if (this.read(graphPath) === undefined) {
      const at: (string | number)[] = file.shared['graph'] === undefined ? [] : ['graph'];
      const { line, column } = file.at(at);
      const missing: Diagnostic = {
        ...file.unknown(at, 'file', graphPath, []),
        message: `test: there is no graph ${graphPath}.`,
        hint: 'Name it with `graph:`, relative to this file.',
        line,
        column,
      };
      return { ...result, diagnostics: [missing], tests: [], files: [...this.files] };
    }
    const only = file.tests.some(({ value }) => (value as Written).only === true);
    const diagnostics: Diagnostic[] = [];
    const tests: TestResult[] = [];
    const all = file.tests.map((spec) => merged(file.shared as Written, spec.value as Written, spec.path.length > 0));
    const names = unlike(all.map(({ name }, i) => name ?? unnamed(file.tests[i]!, basename(path))));
    for (const [i, spec] of file.tests.entries()) {
      const written = all[i]!;
      const name = names[i]!;
      if (this.options.name !== undefined && !name.includes(this.options.name)) continue;
      const place = { name, file: path, ...file.at(spec.path) };
      const off = { ...place, status: 'skipped', failures: [], took_ms: 0, virtual_ms: 0, updated: [] } as const;
      if (written.skip !== undefined) tests.push({ ...off, reason: written.skip });
      else if (only && written.only !== true) tests.push({ ...off, reason: 'another test of the file says only' });
      else {
        const { found, test } = await this.one(spec, written, place);
        for (const one of found)
          if (!diagnostics.some((other) => other.file === one.file && other.line === one.line && other.message === one.message))
            diagnostics.push(one);
        if (test !== undefined) tests.push(test);
      }
    }
    return { ...result, diagnostics, tests, coverage: this.coverage.result(), files: [...this.files] };
  }

  private async one(
    spec: TestSpec,
    written: Written,
    place: { name: string; file: string; line: number; column: number },
  ): Promise<{ found: readonly Diagnostic[]; test?: TestResult }> {
    const { host, graphPath } = this;
    const text = this.read(graphPath)!;
    const checked = checkGraph(
      { text, file: graphPath },
      {
        catalogues: host.catalogues,
        params: written.params ?? {},
        env: Object.fromEntries(Object.entries(written.env ?? {}).map(([key, value]) => [key, String(value)])),
        secret: (name) => written.secrets?.[name],
        asset: (name) => host.asset?.(name) ?? UNSTAGED + name,
        graph: (name) => {
          const other = join(dirname(graphPath), `${basename(name)}.yaml`);
          const found = this.read(other);
          if (found !== undefined) this.files.add(resolve(other));
          return found === undefined ? undefined : { text: found, file: other };
        },
      },
    );
    const { plan } = checked;
    if (plan === undefined) return { found: checked.diagnostics.filter(({ severity }) => severity === 'error') };
    const found: Diagnostic[] = [];
    const streams = this.streams(spec, written, plan, found);
    const targets = this.targets(spec, written, plan, found);
    this.known(spec, written, plan, found);
    if (found.length > 0) return { found };
    const began = performance.now();
    const clock = new VirtualClock(written.start === undefined ? undefined : Date.parse(written.start));
    const misses: Miss[] = [];
    const done = await runPlan({
      plan,
      host,
      clock,
      seed: written.seed ?? 1,
      streams,
      mocks: written.mock ?? {},
      faults: written.fault ?? {},
      watched: new Set([...targets.values()].flatMap(({ side, node }) => (side === 'in' ? [node] : []))),
      until: written.until === undefined ? undefined : msOf(written.until),
      maxPackets: written.max_packets,
      actions: Object.entries(written.at ?? {}).map(([time, what]) => ({ at: msOf(/^\d+$/.test(time) ? Number(time) : time), what })),
      said: (message, hint) => misses.push({ path: [], message, ...(hint === undefined ? {} : { hint }) }),
    });
    const updated: string[] = [];
    if (done !== undefined) {
      this.coverage.note(plan, done);
      misses.push(...this.judge(written, targets, done, updated));
    }
    const failures = misses.map((miss) => this.failure(spec, miss));
    return {
      found: [],
      test: {
        ...place,
        status: failures.length === 0 ? 'passed' : 'failed',
        failures,
        took_ms: performance.now() - began,
        virtual_ms: done?.took ?? 0,
        updated,
      },
    };
  }

  private judge(
    written: Written,
    targets: ReadonlyMap<string, Target>,
    done: {
      report: RunReport;
      figures: RunFigures;
      took: number;
      events: readonly RunEvent[];
      out: ReadonlyMap<string, readonly Seen[]>;
      taken: ReadonlyMap<string, readonly Seen[]>;
    },
    updated: string[],
  ): Miss[] {
    const misses: Miss[] = [];
    for (const [name, raw] of Object.entries(written.expect ?? {})) {
      const { side, node, port } = targets.get(name)!;
      const wanted: PortExpectation = Array.isArray(raw) ? { packets: raw as readonly object[] } : (raw as PortExpectation);
      const came = (side === 'in' ? done.taken.get(node) : done.out.get(`${node}.${port}`)) ?? [];
      const below = Array.isArray(raw) ? (path: Miss['path']) => path.slice(1) : (path: Miss['path']) => path;
      const add = (list: readonly Miss[]): void =>
        void misses.push(...list.map((miss) => ({ ...miss, path: ['expect', name, ...below(miss.path)] })));
      add(portMisses(name, wanted, came));
      if (wanted.codes !== undefined) add(codeMisses(node, wanted.codes, done.events));
      if (wanted.golden !== undefined) add(this.golden(name, wanted.golden, came, updated));
    }
    const { run = {} } = written;
    const edges = Object.fromEntries(Object.entries(run.edges ?? {}).map(([key, value]) => [edgeKey(key, done.figures) ?? key, value]));
    const names = new Map(Object.keys(run.edges ?? {}).map((key) => [edgeKey(key, done.figures) ?? key, key]));
    for (const miss of runMisses({ ...run, edges }, done)) {
      const path = miss.path[0] === 'edges' ? ['edges', names.get(String(miss.path[1])) ?? '', ...miss.path.slice(2)] : miss.path;
      misses.push({ ...miss, path: ['run', ...path] });
    }
    return misses;
  }

  private golden(port: string, name: string, came: readonly Seen[], updated: string[]): readonly Miss[] {
    const file = join(dirname(this.path), name);
    this.files.add(resolve(file));
    const there = this.read(file);
    if (this.options.update === true) {
      const text = goldenOf(came);
      if (there === text) return [];
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      updated.push(file);
      return [];
    }
    if (there === undefined)
      return [
        {
          path: ['golden'],
          message: `${port}: there is no golden ${name} yet.`,
          hint: 'Write it with --update, and read it before you commit it.',
        },
      ];
    return goldenMisses(port, there.replaceAll('\r\n', '\n'), came);
  }

  private failure(spec: TestSpec, { path, message, diff = [], hint }: Miss): TestFailure {
    return { message, file: this.path, ...this.file.at([...spec.path, ...path]), diff, ...(hint === undefined ? {} : { hint }) };
  }

  /** Every given stream; faults where a name is none. */
  private streams(spec: TestSpec, { given = {} }: Written, plan: Plan, found: Diagnostic[]): ReadonlyMap<string, Stream> {
    const inputs = plan.inputs.map(({ name }) => name);
    const sources = plan.nodes.filter(({ kind }) => kind === 'source').map(({ id }) => id);
    const streams = new Map<string, Stream>();
    for (const [name, raw] of Object.entries(given)) {
      const path = this.place(spec, ['given', name]);
      if (!inputs.includes(name) && !sources.includes(name)) {
        found.push(this.file.unknown(path, 'input or source', name, [...inputs, ...sources]));
        continue;
      }
      const from: GivenFrom = Array.isArray(raw) ? { packets: raw as readonly GivenPacket[] } : (raw as GivenFrom);
      const packets = [...(from.packets ?? []), ...(from.payloads ?? []).map((payload) => ({ payload }))];
      if (from.file !== undefined) packets.push(...this.recorded(path, from.file, found));
      streams.set(name, { packets, ends: from.ends ?? true, ...(from.every === undefined ? {} : { every: from.every }) });
    }
    return streams;
  }

  /** Packets of a file of JSON lines: mappings with a payload are packets as on the wire, all else is a payload. */
  private recorded(path: TestSpec['path'], name: string, found: Diagnostic[]): GivenPacket[] {
    const file = join(dirname(this.path), name);
    this.files.add(resolve(file));
    const text = this.read(file);
    const fault = (message: string): GivenPacket[] => {
      found.push({
        ...this.file.unknown([...path, 'file'], 'file', name, []),
        ...this.file.at([...path, 'file']),
        message,
        hint: 'The path is relative to the test.',
      });
      return [];
    };
    if (text === undefined) return fault(`test: there is no file ${file}.`);
    const lines = text.split('\n').map((line) => line.trim());
    const packets: GivenPacket[] = [];
    for (const [i, line] of lines.entries()) {
      if (line === '') continue;
      try {
        const value = JSON.parse(line) as unknown;
        packets.push(asPacket(value));
      } catch {
        return fault(`test: line ${i + 1} of ${file} is not JSON.`);
      }
    }
    return packets;
  }

  private targets(spec: TestSpec, { expect = {} }: Written, plan: Plan, found: Diagnostic[]): ReadonlyMap<string, Target> {
    const targets = new Map<string, Target>();
    for (const name of Object.keys(expect)) {
      const target = targetOf(name, plan);
      if (target === undefined) found.push(this.file.unknown(this.place(spec, ['expect', name]), 'port or output', name, names(plan)));
      else targets.set(name, target);
    }
    return targets;
  }

  /** Names of nodes and edges elsewhere in a test. */
  private known(spec: TestSpec, { mock = {}, fault = {}, run = {} }: Written, plan: Plan, found: Diagnostic[]): void {
    const ids = plan.nodes.map(({ id }) => id);
    for (const [key, byNode] of [
      ['mock', mock],
      ['fault', fault],
      ['run', run.nodes ?? {}],
    ] as const) {
      for (const id of Object.keys(byNode))
        if (!ids.includes(id))
          found.push(this.file.unknown(this.place(spec, key === 'run' ? ['run', 'nodes', id] : [key, id]), 'node', id, ids));
    }
    for (const id of Object.keys(mock)) {
      if (plan.nodes.find((node) => node.id === id)?.kind !== 'source') continue;
      const path = this.place(spec, ['mock', id]);
      found.push({ ...this.file.unknown(path, 'node', id, []), message: `test: ${id} is a source; what it gives stands under \`given\`.` });
    }
    for (const key of Object.keys(run.edges ?? {}))
      if (planEdge(key, plan) === undefined)
        found.push(
          this.file.unknown(
            this.place(spec, ['run', 'edges', key]),
            'edge',
            key,
            plan.edges.map(({ id }) => id.replace('->', ' -> ')),
          ),
        );
  }

  /** Where a key of a test stands: with it, or where it is said for all. */
  private place(spec: TestSpec, path: TestSpec['path']): TestSpec['path'] {
    const [key, name] = path;
    const own = spec.value[String(key)] as ByName<unknown> | undefined;
    return own !== undefined && Object.hasOwn(own, String(name)) ? [...spec.path, ...path] : path;
  }
}

/** What a test says over what holds for all; mappings by name are joined. */
function merged(shared: Written, own: Written, listed: boolean): Written {
  if (!listed) return own;
  const { graph: _graph, description: _description, ...all } = shared as Written & { graph?: string; description?: string };
  const made: Record<string, unknown> = { ...all, ...own };
  for (const key of ['params', 'env', 'secrets', 'given', 'mock', 'fault', 'at'] as const)
    if (all[key] !== undefined && own[key] !== undefined) made[key] = { ...all[key], ...own[key] };
  return made;
}

function unnamed({ path }: TestSpec, file: string): string {
  return path.length === 0 ? file.replace(TEST_SUFFIX, '') : `test ${Number(path[1]) + 1}`;
}
const TEST_SUFFIX = /\.test\.ya?ml$/;

/** Numbers the rows of a table that does not name them apart. */
function unlike(names: readonly string[]): readonly string[] {
  const all = new Map<string, number>();
  for (const name of names) all.set(name, (all.get(name) ?? 0) + 1);
  const seen = new Map<string, number>();
  return names.map((name) => {
    if (all.get(name) === 1) return name;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return `${name} [${seen.get(name)}]`;
  });
}

function asPacket(value: unknown): GivenPacket {
  if (typeof value !== 'object' || value === null || !('payload' in value)) return { payload: value };
  const { payload, kind, meta, source_id, ts, at, key } = value as Record<string, never>;
  const packet = { kind, meta, source_id, at, key, time: ts };
  return { payload, ...Object.fromEntries(Object.entries(packet).filter(([, one]) => one !== undefined)) } as GivenPacket;
}

/** What `node.port`, `node` or an output's name stands for. */
function targetOf(name: string, plan: Plan): Target | undefined {
  const output = plan.outputs.find((one) => one.name === name);
  if (output !== undefined) return { side: 'out', ...output.at[0]! };
  const whole = plan.nodes.find(({ id }) => id === name);
  if (whole !== undefined) {
    const [outs, ins] = [Object.keys(whole.out), Object.keys(whole.in)];
    if (outs.length === 1) return { side: 'out', node: name, port: outs[0]! };
    return outs.length === 0 && ins.length === 1 ? { side: 'in', node: name, port: ins[0]! } : undefined;
  }
  // Ids of nodes in sub-graphs may have dots: the longest id counts.
  const dot = name.lastIndexOf('.');
  const node = plan.nodes.find(({ id }) => id === name.slice(0, dot));
  const port = name.slice(dot + 1);
  if (node === undefined) return undefined;
  if (port === 'error' || Object.hasOwn(node.out, port)) return { side: 'out', node: node.id, port };
  return Object.hasOwn(node.in, port) ? { side: 'in', node: node.id, port } : undefined;
}

function names(plan: Plan): string[] {
  return [
    ...plan.outputs.map(({ name }) => name),
    ...plan.nodes.map(({ id }) => id).filter((id) => targetOf(id, plan) !== undefined),
    ...plan.nodes.flatMap(({ id, in: ins, out }) => [...Object.keys(out), 'error', ...Object.keys(ins)].map((port) => `${id}.${port}`)),
  ];
}

/** The id of an edge that is written as in a graph: `a -> b`, `a.out -> b.in`. */
function planEdge(key: string, plan: Plan): string | undefined {
  const ids = plan.edges.map(({ id }) => id);
  return matching(key, ids);
}

function edgeKey(key: string, figures: RunFigures): string | undefined {
  return matching(
    key,
    figures.edges.map(({ id }) => id),
  );
}

function matching(key: string, ids: readonly string[]): string | undefined {
  const [from = '', to = ''] = key.split('->').map((end) => end.trim());
  const fits = (end: string, wanted: string): boolean => end === wanted || end.slice(0, end.lastIndexOf('.')) === wanted;
  return ids.find((id) => {
    const [a = '', b = ''] = id.split('->');
    return fits(a, from) && fits(b, to);
  });
}
