import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import {
  checkGraph,
  formatDiagnostic,
  planOf,
  type CheckOptions,
  type CheckResult,
  type Diagnostic,
  type Plan as GraphPlan,
  type PlanNode,
} from '@sluice/graph';
import {
  catalogueOf,
  nodeSpec,
  SluiceError,
  type Log,
  type NodeClass,
  type Plugin,
  type Token,
  STORE,
  type DurableStore,
} from '@sluice/sdk';
import type { Catalogue } from '@sluice/sdk/catalogue';
import type { Container } from 'inversify';
import type { Engine, LoadOptions, Plan, Run, StartOptions, Types } from './api';
import { seeded, wallClock, type Clock } from './clock';
import { childOf, dispose, loadModule, makeNode, type ServiceContainer } from './container';
import { WorkerNode } from './placement';
import type { CallHooks } from './policy';
import { GraphRun } from './run';
import { Scheduler } from './scheduler';
import type { Handover } from './swap';

/** A service and what stands for it in this engine. */
export interface Provided {
  readonly token: symbol;
  readonly value: unknown;
}

/** Gives the engine's nodes a service. */
export function provide<V>(token: Token<V>, value: NoInfer<V>): Provided {
  return { token, value };
}

/** What an engine is made with; nothing is needed but the plugins. */
export interface EngineOptions {
  readonly plugins: readonly Plugin[];
  /** Services come from here; the engine makes a child of it and binds nothing in it. */
  readonly container?: ServiceContainer;
  readonly services?: readonly Provided[];
  /** Path of the asset behind `${asset.NAME}`. */
  readonly assets?: (name: string) => string | undefined;
  /** Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Value of `${secret.NAME}`. */
  readonly secret?: (name: string) => string | undefined;
  /** Default: silent. */
  readonly log?: Log;
  readonly clock?: Clock;
  /** Seed of `ctx.random`; default a random one. */
  readonly seed?: number;
  /** Folder that what nodes write is relative to; default the working folder. */
  readonly out?: string;
  /** False leaves an edge between every two nodes: the same results, slower. For tests that compare the two. */
  readonly fuse?: boolean;
  /**
   * Opens the store of durable edges and of nodes that ask for it; called once, when the first needs it. `none` keeps durable edges in
   * memory, for tests in virtual time. Who gives it closes it, after the engine.
   */
  readonly store?: (() => Promise<DurableStore>) | 'none';
  /** What stands around the calls of a node: authority, tracing, stored results. Undefined where nothing does. */
  readonly hooks?: (node: PlanNode) => CallHooks | undefined;
}

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Makes an engine: node types by plugins, services by tokens, any number of runs. */
export function createEngine(options: EngineOptions): Engine {
  return new LocalEngine(options);
}

class LocalEngine implements Engine {
  private readonly classes = new Map<string, NodeClass>();
  private readonly plugins = new Map<string, Plugin>();
  private readonly catalogues: readonly Catalogue[];
  private readonly container: Container;
  private readonly scheduler: Scheduler;
  private readonly runs = new Set<GraphRun>();
  private started = 0;

  constructor(private readonly options: EngineOptions) {
    this.scheduler = new Scheduler(options.clock ?? wallClock);
    this.container = childOf(options.container);
    for (const plugin of options.plugins) {
      loadModule(this.container, plugin);
      for (const cls of plugin.nodes) {
        this.classes.set(nodeSpec(cls).type, cls);
        this.plugins.set(nodeSpec(cls).type, plugin);
      }
    }
    for (const { token, value } of options.services ?? []) this.container.bind(token).toConstantValue(value);
    const { store } = options;
    if (typeof store === 'function') {
      let opened: Promise<DurableStore> | undefined;
      this.container.bind(STORE).toConstantValue(() => (opened ??= store()));
    }
    this.catalogues = options.plugins.map(catalogueOf);
  }

  async check(graph: string | object, options: { params?: Readonly<Record<string, unknown>> } = {}): Promise<readonly Diagnostic[]> {
    return this.look(graph, options.params).diagnostics;
  }

  async load<const I extends Types, const O extends Types>(graph: string | object, options: LoadOptions<I, O> = {}): Promise<Plan<I, O>> {
    const { plan, diagnostics } = this.look(graph, options.params);
    if (plan === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      throw new SluiceError('GRAPH_INVALID', errors.map((error) => formatDiagnostic(error)).join('\n'), {
        details: diagnostics,
        hint: 'Run `sluice validate` on it: it shows each place with what to do.',
      });
    }
    const io = options.contract ?? ({ in: {}, out: {} } as LoadOptions<I, O>['contract'] & object);
    const wrong = [...border('input', io.in, plan.inputs), ...border('output', io.out, plan.outputs)];
    if (wrong.length > 0) {
      throw new SluiceError('GRAPH_CONTRACT', `${plan.name} is not what the program expects: ${wrong.join('; ')}.`, {
        details: wrong,
        hint: 'Change the inputs and outputs of the graph, or the contract.',
      });
    }
    return { ...plan, io } as Plan<I, O>;
  }

  start<I extends Types, O extends Types>(plan: Plan<I, O>, options: StartOptions<I>): Run<O> {
    return this.begin(plan, options) as unknown as Run<O>;
  }

  private begin(plan: GraphPlan, options: StartOptions, handover?: Handover): GraphRun {
    const id = options.id ?? this.newId(plan);
    const container = childOf(this.container);
    const folder = plan.file === undefined ? process.cwd() : dirname(resolve(plan.file));
    const run: GraphRun = new GraphRun(
      id,
      plan,
      {
        clock: this.scheduler.clock,
        scheduler: this.scheduler,
        log: this.options.log ?? SILENT,
        fuse: this.options.fuse ?? true,
        ...(this.options.hooks === undefined ? {} : { hooks: this.options.hooks }),
        ...(this.options.store === 'none'
          ? { store: 'none' }
          : this.container.isBound(STORE)
            ? { store: this.container.get<() => Promise<DurableStore>>(STORE) }
            : {}),
        random: seeded(this.options.seed ?? (Math.random() * 2 ** 31) | 0),
        classOf: (type) => this.classOf(type),
        make: (node) => {
          const cls = this.classOf(node.type);
          if (node.policies.placement === 'worker') return new WorkerNode(node, this.plugins.get(node.type)!);
          return makeNode(cls, node.id, node.config, container);
        },
        path: (relative) => (isAbsolute(relative) ? relative : join(folder, relative)),
        outPath: (relative) => resolve(this.options.out ?? '', relative),
        next: (next, handover, own) => {
          for (const { type } of next.nodes) this.classOf(type);
          // Its id is its own; how sources are slowed and where dead letters go stays.
          const { id: _, correlation: __, ...same } = options;
          return this.begin(next, { ...same, ...own }, handover());
        },
        over: async () => {
          this.runs.delete(run);
          await dispose(container);
        },
      },
      options.inputs,
      options,
      handover,
    );
    this.runs.add(run);
    return run;
  }

  async close(): Promise<void> {
    await Promise.all([...this.runs].map((run) => run.cancel('the engine closes')));
    await dispose(this.container);
  }

  /** One that is put on record must be another than those of all processes before. */
  private newId({ name, nodes }: GraphPlan): string {
    const nth = (++this.started).toString(36);
    const kept = typeof this.options.store === 'function' && nodes.some(({ policies }) => policies.durability !== 'none');
    return kept ? `${name}-${this.scheduler.clock.now().toString(36)}-${nth}` : `${name}-${nth}`;
  }

  private classOf(type: string): NodeClass {
    const cls = this.classes.get(type);
    if (cls !== undefined) return cls;
    throw new SluiceError('NODE_UNKNOWN', `No plugin of this engine has a node type ${type}.`, {
      hint: 'Add its plugin to createEngine({ plugins }).',
    });
  }

  private look(graph: string | object, params: Readonly<Record<string, unknown>> = {}): CheckResult {
    const { assets, env = process.env, secret } = this.options;
    const options: CheckOptions = {
      catalogues: this.catalogues,
      params,
      env,
      ...(secret === undefined ? {} : { secret }),
      ...(assets === undefined ? {} : { asset: assets }),
    };
    if (typeof graph === 'string') {
      const near = (name: string) => readGraph(join(dirname(graph), `${name}.yaml`));
      return checkGraph({ text: mustRead(graph), file: graph }, { ...options, graph: near });
    }
    if (isText(graph)) return checkGraph({ text: graph.text, file: graph.file ?? 'graph.yaml' }, options);
    return planOf(graph, options);
  }
}

/** A graph given as text. */
export interface GraphText {
  readonly text: string;
  readonly file?: string;
}

function isText(graph: object): graph is GraphText {
  return typeof (graph as Partial<GraphText>).text === 'string';
}

function readGraph(file: string): { text: string; file: string } | undefined {
  return existsSync(file) ? { text: readFileSync(file, 'utf8'), file } : undefined;
}

function mustRead(file: string): string {
  if (!existsSync(file))
    throw new SluiceError('GRAPH_NOT_FOUND', `There is no graph ${file}.`, {
      hint: 'Give the path of a .yaml file, relative to the working folder.',
    });
  if (!statSync(file).isFile())
    throw new SluiceError('GRAPH_NOT_FOUND', `${file} is not a file.`, { hint: 'Give the path of a .yaml file.' });
  return readFileSync(file, 'utf8');
}

function border(what: string, expected: Types, found: readonly { name: string; type: string }[]): string[] {
  return Object.entries(expected).flatMap(([name, type]) => {
    const port = found.find((other) => other.name === name);
    if (port === undefined) return [`it has no ${what} ${name}`];
    return port.type === type.name ? [] : [`its ${what} ${name} is a ${port.type}, not a ${type.name}`];
  });
}
