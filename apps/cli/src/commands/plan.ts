import { extended, hash, list, map, ok, open, ref, text, told } from '@sluice/control/schemas';
import { planDiff, shownPlan, type Difference, type Plan, type PlanDiff } from '@sluice/graph';
import { EXIT, type Exit } from '../exit';
import { planFile } from '../graph-file';
import { loadPlugins } from '../plugins';
import { readSets } from '../params';
import type { Terminal } from '../terminal';
import { lazy } from '../lazy';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  'plan show': ok({
    plan: ref('Plan'),
    'params?': told(map(open), 'With --explain: each parameter, and the layer that it came from.'),
    'chain?': list(text),
  }),
  'plan hash': ok({ hash, graph: text }),
  'plan diff': extended('PlanDiff', { ok: { type: 'boolean', const: true } }),
};

/** `sluice plan show`. */
export async function showPlan(
  terminal: Terminal,
  path: string,
  options: { set: readonly string[]; explain?: true; chain?: true },
): Promise<Exit> {
  const { plan: whole, params } = planFile(path, readSets(options.set), terminal);
  const plan = shownPlan(whole);
  const chain = options.chain === true ? chainLines(plan) : undefined;
  if (terminal.json) {
    terminal.object({ ok: true, plan, ...(options.explain === true ? { params } : {}), ...(chain === undefined ? {} : { chain }) });
    return EXIT.ok;
  }
  const rows: string[] = [
    `${plan.name}  ${plan.hash.slice(0, 12)}`,
    ...(plan.description === undefined ? [] : terminal.table([[plan.description]])),
    '',
    'nodes',
  ];
  rows.push(...terminal.table(plan.nodes.map((node) => [`  ${node.id}`, node.type, short(node.config)])));
  rows.push('', 'edges');
  rows.push(
    ...terminal.table(
      plan.edges.map((edge) => [
        `  ${edge.id.replace('->', ' -> ')}`,
        `${edge.when_full}, ${edge.capacity}${edge.durable === undefined ? '' : ', durable'}`,
      ]),
    ),
  );
  for (const [title, ports] of [
    ['inputs', plan.inputs],
    ['outputs', plan.outputs],
  ] as const) {
    if (ports.length > 0)
      rows.push(
        '',
        title,
        ...terminal.table(ports.map((port) => [`  ${port.name}`, port.type, port.at.map((end) => `${end.node}.${end.port}`).join(', ')])),
      );
  }
  if (options.explain === true) {
    rows.push('', 'where values came from');
    rows.push(
      ...terminal.table(
        Object.values(params).map((param) => [
          `  params.${param.name}`,
          param.layer ?? '-',
          param.secret ? '(secret)' : JSON.stringify(param.value),
        ]),
      ),
    );
    // Parameters stand above, with their values.
    const settings = Object.entries(plan.layers).filter(([at]) => !at.startsWith('params.'));
    rows.push(...terminal.table(settings.map(([at, layer]) => [`  ${at}`, layer])));
  }
  if (chain !== undefined) rows.push('', 'chain', ...chain.map((line) => `  ${line}`));
  for (const row of rows) terminal.out(row);
  return EXIT.ok;
}

/** What runs as one, a line each: the runtime looks at the plugins' code for it. */
function chainLines(plan: Plan): readonly string[] {
  const { chainOf, drawChain } = lazy('@sluice/runtime');
  const { nodeSpec } = lazy('@sluice/sdk');
  const classes = loadPlugins(plan.nodes.map((node) => node.type)).flatMap((plugin) => plugin.nodes);
  const chain = chainOf(plan, (type) => classes.find((cls) => nodeSpec(cls).type === type)!);
  return drawChain(chain).split('\n');
}

/** `sluice plan hash`. */
export async function hashPlan(terminal: Terminal, path: string, options: { set: readonly string[] }): Promise<Exit> {
  const { plan } = planFile(path, readSets(options.set), terminal);
  if (terminal.json) terminal.object({ ok: true, hash: plan.hash, graph: plan.name });
  else terminal.out(plan.hash);
  return EXIT.ok;
}

/** `sluice plan diff`: what it would mean for a run to go from one graph to another. */
export async function diffPlans(terminal: Terminal, before: string, after: string, options: { set: readonly string[] }): Promise<Exit> {
  const params = readSets(options.set);
  const diff = planDiff(planFile(before, params, terminal).plan, planFile(after, params, terminal).plan);
  if (terminal.json) terminal.object({ ok: true, ...diff });
  else for (const row of diffRows(terminal, diff)) terminal.out(row);
  return EXIT.ok;
}

const SIGNS = { added: '+', removed: '-', restarted: '~', changed: '~', kept: ' ' } as const;
const COLOURS = { added: 'green', removed: 'red', restarted: 'yellow', changed: 'yellow', kept: 'dim' } as const;

function diffRows(terminal: Terminal, { same, before, after, nodes, edges, ports }: PlanDiff): readonly string[] {
  const head = [before, after].map(({ name, hash }) => `${name} ${hash.slice(0, 12)}`).join(' -> ');
  if (same) return [head, `${countOf(nodes.length, 'node')} and ${countOf(edges.length, 'edge')} are kept: nothing changes what runs.`];
  const part = (
    title: string,
    items: readonly { name: string; change: keyof typeof SIGNS; texts: readonly string[] }[],
  ): readonly string[] => {
    const rows = items.filter(({ change }) => change !== 'kept');
    const kept = items.length - rows.length;
    if (items.length === 0) return [];
    // A line for each item, and one for each value that differs: neither is cut by the other's width.
    const lines = rows.flatMap(({ name, change, texts }) => [
      terminal.paint(COLOURS[change], `  ${SIGNS[change]} ${name}  ${change}`, process.stdout),
      ...texts.flatMap((text) => terminal.table([['     ', text]])),
    ]);
    return ['', title, ...lines, ...(kept === 0 ? [] : [terminal.paint('dim', `    ${kept} kept`, process.stdout)])];
  };
  return [
    head,
    ...part(
      'nodes',
      nodes.map(({ id, type, change, differences }) => ({ name: `${id} (${type})`, change, texts: differences.map(shownDifference) })),
    ),
    ...part(
      'edges',
      edges.map(({ id, change, differences }) => ({ name: id.replace('->', ' -> '), change, texts: differences.map(shownDifference) })),
    ),
    ...(ports.length === 0 ? [] : ['', 'inputs and outputs', ...ports.map((one) => `  ~ ${shownDifference(one)}`)]),
  ];
}

function shownDifference({ path, before, after }: Difference): string {
  const text = (value: unknown): string => (value === undefined ? '(none)' : value === '(secret)' ? value : JSON.stringify(value));
  return before === after ? `${path}: ${text(before)}, another one` : `${path}: ${text(before)} -> ${text(after)}`;
}

const countOf = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function short(config: object): string {
  return Object.entries(config)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}
