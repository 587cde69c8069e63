import {
  BaseEdge,
  getBezierPath,
  getSmoothStepPath,
  Handle,
  Position,
  type Edge as FlowEdge,
  type EdgeProps,
  type Node as FlowNode,
  type NodeProps,
} from '@xyflow/react';
import { memo } from 'react';
import { useSelected } from '../store';
import { drawing, fit } from './connecting';
import type { Editing } from './draft';
import { HEAD, ROW, type Block } from './placing';
import { endsOf } from './world';

export type BlockNode = FlowNode<Block, 'block'>;
export type Line = FlowEdge<{ readonly says: string; readonly bad: boolean }, 'line'>;

function Port({
  node,
  port,
  side,
  top,
}: {
  readonly node: string;
  readonly port: string;
  readonly side: 'in' | 'out';
  readonly top: number;
}) {
  const why = useSelected(drawing, () => fit(node, port, side));
  const mood = why === undefined ? '' : why === '' ? ' fits' : ' misfit';
  return (
    <Handle
      id={port}
      type={side === 'in' ? 'target' : 'source'}
      position={side === 'in' ? Position.Left : Position.Right}
      className={`port${mood}${port === 'error' ? ' error-port' : ''}`}
      style={{ top }}
      title={why || `${node}.${port}`}
    />
  );
}

const BlockView = memo(function BlockView({ id, data, selected }: NodeProps<BlockNode>) {
  const { type, kind, inputs, outputs, severity, finding, comment } = data;
  return (
    <div
      className={`block ${kind}${selected ? ' selected' : ''}${severity === '' ? '' : ` has-${severity}`}`}
      title={finding || comment || undefined}
    >
      <div className="block-head">
        <b>{id}</b>
        {severity !== '' && (
          <span className={`block-flag ${severity}`} role="img" aria-label={finding}>
            !
          </span>
        )}
        <span className="block-type">{type === '' ? '?' : type}</span>
      </div>
      <div className="block-ports">
        <ul>
          {inputs.map((port) => (
            <li key={port}>{port}</li>
          ))}
        </ul>
        <ul className="out">
          {outputs.map((port) => (
            <li key={port}>{port}</li>
          ))}
        </ul>
      </div>
      {inputs.map((port, i) => (
        <Port key={port} node={id} port={port} side="in" top={HEAD + ROW * i + ROW / 2} />
      ))}
      {outputs.map((port, i) => (
        <Port key={port} node={id} port={port} side="out" top={HEAD + ROW * i + ROW / 2} />
      ))}
      {!outputs.includes('error') && kind !== 'graph' && <Port node={id} port="error" side="out" top={14} />}
    </div>
  );
});

/** Letters that there is room for between two blocks; the inspector has the whole. */
const ROOM = 12;

const LineView = memo(function LineView({
  sourceX,
  sourceY,
  targetX,
  targetY,
  sourcePosition,
  targetPosition,
  data,
  selected,
}: EdgeProps<Line>) {
  const ends = { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition };
  // What goes back takes corners, so that it is seen where it leaves and where it comes in.
  const [path, x, y] = targetX < sourceX + 10 ? getSmoothStepPath({ ...ends, borderRadius: 12, offset: 24 }) : getBezierPath(ends);
  return (
    <g className={`wire${selected ? ' selected' : ''}${data!.bad ? ' bad' : ''}`}>
      <BaseEdge path={path} interactionWidth={20} />
      {data!.says !== '' && (
        <text x={x} y={y - 6}>
          {data!.says.length > ROOM ? `${data!.says.slice(0, ROOM - 1)}…` : data!.says}
          <title>{data!.says}</title>
        </text>
      )}
    </g>
  );
});

export const NODE_TYPES = { block: BlockView };
export const EDGE_TYPES = { line: LineView };

/** What an edge says on the canvas: its policy, where it is not the usual one. */
function saysOf(options: Readonly<Record<string, unknown>>): string {
  const parts = [options['when_full'], options['capacity'], options['durable'] === true ? 'durable' : undefined, options['lane']];
  return (
    parts
      .filter((part) => part !== undefined)
      .map((part) => String(part).replaceAll('_', ' '))
      // A setting is named by its name.
      .map((part) => part.replace(/^\$\{(?:params\.)?(.*)\}$/, '$$$1'))
      .join(' · ')
  );
}

/** The lines of all edges. */
export function linesOf({ model, world, diagnostics }: Editing): Line[] {
  const ids = new Map(model.nodes.map((node) => [node.id, node]));
  return model.edges.flatMap((edge): Line[] => {
    if (!ids.has(edge.from.node) || !ids.has(edge.to.node)) return [];
    const { from, to } = endsOf(world, model, edge);
    const bad = diagnostics.some(
      ({ path, severity }) => severity === 'error' && (path === `edges.${edge.index}` || path.startsWith(`edges.${edge.index}.`)),
    );
    return [
      {
        id: String(edge.index),
        type: 'line',
        source: edge.from.node,
        target: edge.to.node,
        ...(from === undefined ? {} : { sourceHandle: from }),
        ...(to === undefined ? {} : { targetHandle: to }),
        data: { says: saysOf(edge.options), bad },
        ariaLabel: `${edge.from.node} → ${edge.to.node}`,
      },
    ];
  });
}
