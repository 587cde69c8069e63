import type { Plan, PlanEdge } from './plan';

/** The plan as a picture, from left to right. Shows ids and types, never config. */
export function drawGraph(plan: Plan, format: 'mermaid' | 'dot'): string {
  return format === 'mermaid' ? mermaid(plan) : dot(plan);
}

const SHAPES = { source: ['([', '])'], transform: ['[', ']'], operator: ['[[', ']]'], sink: ['[/', '/]'] } as const;

function mermaid({ nodes, edges, inputs, outputs }: Plan): string {
  const names = new Map<string, string>();
  // Ids may hold what Mermaid reads as syntax (`end`, `/`), so it gets names of its own.
  const name = (id: string): string => names.get(id) ?? (names.set(id, `n${names.size}`), names.get(id)!);
  const lines = ['flowchart LR'];
  for (const { name: input } of inputs) lines.push(`  ${name(`$inputs.${input}`)}>"${quote(input)}"]`);
  for (const { id, type, kind } of nodes) lines.push(`  ${name(id)}${SHAPES[kind][0]}"${quote(id)}<br/>${quote(type)}"${SHAPES[kind][1]}`);
  for (const { name: output } of outputs) lines.push(`  ${name(`$outputs.${output}`)}>"${quote(output)}"]`);
  for (const edge of edges) {
    const label = labelOf(edge);
    const arrow = edge.durable !== undefined ? '==>' : edge.when_full === 'block' ? '-->' : '-.->';
    lines.push(`  ${name(endOf(edge.from))} ${arrow}${label === '' ? '' : `|"${quote(label)}"|`} ${name(endOf(edge.to))}`);
  }
  return `${lines.join('\n')}\n`;
}

function dot({ name, nodes, edges, inputs, outputs }: Plan): string {
  const text = (value: string): string => `"${value.replace(/[\\"]/g, '\\$&')}"`;
  const shapes = { source: 'oval', transform: 'box', operator: 'box3d', sink: 'parallelogram' } as const;
  const lines = [`digraph ${text(name)} {`, '  rankdir=LR;'];
  for (const { name: input } of inputs) lines.push(`  ${text(`$inputs.${input}`)} [label=${text(input)}, shape=cds];`);
  for (const { id, type, kind } of nodes)
    lines.push(`  ${text(id)} [label=${text(id).slice(0, -1)}\\n${text(type).slice(1)}, shape=${shapes[kind]}];`);
  for (const { name: output } of outputs) lines.push(`  ${text(`$outputs.${output}`)} [label=${text(output)}, shape=cds];`);
  for (const edge of edges) {
    const style = edge.durable !== undefined ? 'bold' : edge.when_full === 'block' ? 'solid' : 'dashed';
    lines.push(`  ${text(endOf(edge.from))} -> ${text(endOf(edge.to))} [label=${text(labelOf(edge))}, style=${style}];`);
  }
  return `${lines.join('\n')}\n}\n`;
}

const endOf = ({ node, port }: PlanEdge['from']): string => (node.startsWith('$') ? `${node}.${port}` : node);
const quote = (text: string): string => text.replace(/"/g, '#quot;').replace(/</g, '#lt;');

/** What is not as by default: the port that it comes from, loss, durability, lane. */
function labelOf({ from, when_full, durable, lane }: PlanEdge): string {
  return [
    ...(from.node.startsWith('$') ? [] : [from.port]),
    ...(when_full === 'block' ? [] : [when_full]),
    ...(durable === undefined ? [] : ['durable']),
    ...(lane === 'data' ? [] : [lane]),
  ].join(', ');
}
