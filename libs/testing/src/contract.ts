import { VirtualClock, type Provided } from '@sluice/runtime';
import { configClass, configIssues, makeConfig, nodeEntry, nodeSpec, type NodeClass, type Plugin } from '@sluice/sdk';
import { runNode, type NodeResult } from './run-node';

/** One check of one node type; `run` throws where it does not hold. */
export interface ContractCase {
  /** Node type, and the rule by its id in docs/spec. */
  readonly name: string;
  readonly rule: string;
  readonly type: string;
  run(): void | Promise<void>;
}

/** What the contract suite needs to know of a plugin to run its node types. */
export interface ContractOptions {
  /** Payloads that a node type takes and can work with, by type; without them a few of JSON's kinds are tried. */
  readonly inputs?: Readonly<Record<string, readonly unknown[] | Readonly<Record<string, readonly unknown[]>>>>;
  /** Config that a type needs where its first example cannot run here (files, models, addresses). */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly services?: readonly Provided[];
  /** Types that are declared and constructed, but not run, and why: `{ 'vision/rtsp': 'it needs a camera' }`. Names of their checks say it. */
  readonly unrun?: Readonly<Record<string, string>>;
}

const PAYLOADS: readonly unknown[] = [1, 'two', { three: 3, at: '2026-01-01T00:00:00Z' }, [4], null, true];

/**
 * The contract of docs/spec/node.md, checked for every node type of a plugin. Gives the checks as data, so that any test
 * runner can have them: `test.each(contractSuite(plugin).map((c) => [c.name, c] as const))('%s', (_, c) => c.run())`.
 */
export function contractSuite(plugin: Plugin, options: ContractOptions = {}): readonly ContractCase[] {
  return plugin.nodes.flatMap((cls) => {
    const { type } = nodeSpec(cls);
    const why = options.unrun?.[type];
    if (why === undefined) return [...declared(cls), ...constructed(cls, options), ...lived(cls, options)];
    return [...declared(cls), ...constructed(cls, options)].map((one) => ({ ...one, name: `${one.name}, not run: ${why}` }));
  });
}

function casesOf(cls: NodeClass): (rule: string, text: string, run: () => void | Promise<void>) => ContractCase {
  const { type } = nodeSpec(cls);
  return (rule, text, run) => ({ name: `${type} ${text} (${rule})`, rule, type, run });
}

function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

function declared(cls: NodeClass): ContractCase[] {
  const entry = nodeEntry(cls);
  const add = casesOf(cls);
  return [
    add('NODE-1', 'says what it is', () => {
      must(/^[A-Z].*\.$/s.test(entry.summary), `The summary is no sentence: ${entry.summary}`);
      for (const [name, { doc }] of [...Object.entries(entry.in), ...Object.entries(entry.out)])
        must(/\.$/.test(doc), `Port ${name} says nothing of itself.`);
      const fields = (entry.config['properties'] ?? {}) as Record<string, { description?: string }>;
      for (const [name, { description }] of Object.entries(fields))
        must(/\.$/.test(description ?? ''), `Config field ${name} has no @Doc sentence.`);
    }),
    add('NODE-2', 'has ports and methods of its kind', () => {
      const proto = cls.prototype as Record<string, unknown>;
      const methods = { source: ['read'], transform: ['process'], operator: ['apply'], sink: ['write', 'writeBatch'] }[entry.kind];
      must(
        methods.some((method) => typeof proto[method] === 'function'),
        `A ${entry.kind} has ${methods.join(' or ')}.`,
      );
      must(
        entry.kind === 'source' ? Object.keys(entry.in).length === 0 : Object.keys(entry.in).length > 0,
        'Sources have no inputs, all others have.',
      );
      must(entry.kind === 'sink' || Object.keys(entry.out).length > 0, 'All but sinks have outputs.');
    }),
    add('NODE-3', 'has examples that fit its config', () => {
      must(entry.examples.length > 0, 'It has no example.');
      for (const { title, config } of entry.examples) {
        const issues = configIssues(configClass(nodeSpec(cls)), config);
        must(issues.length === 0, `The example "${title}" does not fit: ${issues.map(({ message }) => message).join('; ')}`);
      }
    }),
  ];
}

function constructed(cls: NodeClass, { services = [] }: ContractOptions): ContractCase[] {
  const spec = nodeSpec(cls);
  const add = casesOf(cls);
  const tokens = spec.inject ?? [];
  const injected = tokens.map((wanted) => services.find(({ token }) => token === wanted)?.value);
  // Without its services it cannot be made outside of a container.
  if (injected.includes(undefined)) return [];
  const make = (config: object): object => new cls(freeze(makeConfig(configClass(spec), config)), ...injected);
  return [
    add('NODE-4', 'takes nothing but its config, and leaves it as it was', () => {
      for (const { config } of spec.examples ?? []) {
        const before = JSON.stringify(config);
        const [one, other] = [make(config), make(config)];
        must(one !== other, 'Two nodes are one.');
        must(JSON.stringify(config) === before, 'It changed its config.');
      }
    }),
    add('NODE-5', 'may be closed without having been opened, and twice', async () => {
      for (const { config } of spec.examples ?? []) {
        const node = make(config) as { close?: () => unknown };
        await node.close?.();
        await node.close?.();
      }
    }),
  ];
}

function lived(cls: NodeClass, options: ContractOptions): ContractCase[] {
  const spec = nodeSpec(cls);
  const { type, kind } = spec;
  const add = casesOf(cls);
  const ports = Object.keys(spec.in ?? {});
  const inputs = options.inputs?.[type] ?? Object.fromEntries(ports.map((name) => [name, PAYLOADS]));
  const base = {
    config: options.config?.[type] ?? spec.examples?.[0]?.config ?? {},
    inputs,
    services: options.services ?? [],
    until: '30s',
  };
  const cases = [
    add('NODE-6', 'runs to its end, closes, and its books balance', async () => ended(await runNode(cls, base))),
    add('NODE-6', 'does so between small edges of each policy', async () => {
      for (const edge of EDGES)
        if (edge.when_full !== 'block' || spec.mode !== 'push')
          ended(await runNode(cls, { ...base, edge }), ` With ${edge.when_full} edges.`);
    }),
    add('NODE-7', 'says the same in every virtual-time run', async () => {
      const [one, other] = [await runNode(cls, base), await runNode(cls, base)];
      must(JSON.stringify(one.payloads) === JSON.stringify(other.payloads), 'Two runs with the same inputs gave different outputs.');
    }),
    add('NODE-8', 'ends within its grace when the run is cancelled', async () => {
      const clock = new VirtualClock();
      const { figures, report, took } = await runNode(cls, {
        ...base,
        every: 50,
        clock,
        during: (cancel) => void clock.after(120, cancel),
      });
      const node = figures.nodes.find(({ id }) => id === 'node')!;
      // Closing hides from its state that a call was still under way.
      const stuck = report.reasons.find((reason) => reason.startsWith('node did not return'));
      must(stuck === undefined && node.state === 'closed', `${stuck ?? `It is ${node.state}.`} It does not heed ctx.signal.`);
      must(took <= 1_200, `It took ${took} ms of virtual time to end.`);
    }),
  ];
  if (kind === 'source') return cases;
  return [
    ...cases,
    add('NODE-9', 'leads every input to one outcome', async () => {
      const { settled } = await runNode(cls, base);
      for (const [name, times] of Object.entries(settled))
        must(
          times.every((n) => n === 1),
          `Inputs of ${name} were settled ${times.join(', ')} times.`,
        );
    }),
    add('NODE-10', 'turns what it cannot work with into an error packet, and goes on', async () => {
      const result = await runNode(cls, { ...base, inputs: Object.fromEntries(ports.map((name) => [name, [...HOSTILE, ...HOSTILE]])) });
      const { errors, payloads, report } = result;
      must(report.status !== 'error', `It ended the run: ${report.reasons.join('; ')}`);
      ended(result, ' It stopped at an input.');
      if (kind !== 'operator')
        must(payloads['error']!.length === errors.length, `${errors.length} failures gave ${payloads['error']!.length} error packets.`);
    }),
  ];
}

const EDGES = [
  { when_full: 'latest' },
  { when_full: 'fair', key: 'source_id', capacity: 2 },
  ...['block', 'drop_newest', 'drop_oldest', 'error'].map((when_full) => ({ when_full, capacity: 2 })),
];

function ended({ figures, report }: NodeResult, where = ''): void {
  const node = figures.nodes.find(({ id }) => id === 'node')!;
  must(node.state === 'closed', `It is ${node.state} after the run: ${report.reasons.join('; ')}${where}`);
  must(node.busy === 0, `${node.busy} calls are under way after the run.${where}`);
  for (const edge of figures.edges) {
    const dropped = Object.values(edge.dropped).reduce((sum, n) => sum + n, 0);
    must(edge.in === edge.out + dropped && edge.in_flight === 0, `The books of ${edge.id} do not balance.${where}`);
  }
}

/** What no node expects. */
const HOSTILE: readonly unknown[] = [undefined, null, Number.NaN, '', [], {}, Symbol('x'), new Map(), () => 1, 10n ** 20n];

function freeze<V extends object>(value: V): V {
  for (const part of Object.values(value))
    if (typeof part === 'object' && part !== null && !ArrayBuffer.isView(part)) freeze(part as object);
  return Object.freeze(value);
}
