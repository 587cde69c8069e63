import { addEdges, addNode, freeId, type GraphModel } from '@sluice/graph';
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  BaseEdge,
  Controls,
  getBezierPath,
  getSmoothStepPath,
  Handle,
  Position,
  ReactFlow,
  useConnection,
  useReactFlow,
  type Edge as FlowEdge,
  type EdgeProps,
  type Node as FlowNode,
  type NodeChange,
  type NodeProps,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { memo, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { layoutOf, type Point } from '../live/layout';
import { store, useSelected, useStore } from '../store';
import { t } from '../strings';
import { complain } from '../toasts';
import { chosen, drawn, edit, editing, place, type Editing, type Places } from './draft';
import { endsOf, misfit, type PortAt } from './world';

const WIDTH = 200;
const HEAD = 48;
const ROW = 22;

interface Block extends Record<string, unknown> {
  readonly type: string;
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly comment: string;
  /** `error`, `warning`, or nothing; with what it says. */
  readonly severity: string;
  readonly finding: string;
}
type BlockNode = FlowNode<Block, 'block'>;
type Line = FlowEdge<{ readonly says: string; readonly bad: boolean }, 'line'>;

/** The port that an edge is being drawn from. */
const drawing = store<{ readonly side: 'in' | 'out'; readonly at: PortAt } | undefined>(undefined);
export function whyNot(now: Editing, from: PortAt, to: PortAt): string | undefined {
  return misfit(now.world, now.model, from, to, {
    self: t('editor.self'),
    twice: t('editor.dup', { from: `${from.node}.${from.port}`, to: `${to.node}.${to.port}` }),
  });
}

/** Why the port does not fit the edge that is being drawn: '' where it does, undefined where none is drawn or it is of the same side. */
function fit(node: string, port: string, side: 'in' | 'out'): string | undefined {
  const start = drawing.get();
  const now = editing.get();
  if (start === undefined || now === undefined || start.side === side) return undefined;
  const here = { node, port };
  return (side === 'in' ? whyNot(now, start.at, here) : whyNot(now, here, start.at)) ?? '';
}

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

const heightOf = ({ inputs, outputs }: Pick<Block, 'inputs' | 'outputs'>): number =>
  HEAD + ROW * Math.max(1, inputs.length, outputs.length) + 6;

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
          {data!.says}
        </text>
      )}
    </g>
  );
});

const NODE_TYPES = { block: BlockView };
const EDGE_TYPES = { line: LineView };

/** What an edge says on the canvas: its policy, where it is not the usual one. */
function saysOf(options: Readonly<Record<string, unknown>>): string {
  const parts = [options['when_full'], options['capacity'], options['durable'] === true ? 'durable' : undefined, options['lane']];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => String(part).replaceAll('_', ' '))
    .join(' · ');
}

function blockOf(now: Editing, node: GraphModel['nodes'][number]): Block {
  const { world, model, diagnostics } = now;
  const entry = world.type(node.type);
  // Ports that edges name are drawn even where the type is not known.
  const named = (side: 'from' | 'to'): string[] =>
    model.edges.flatMap((edge) => (edge[side].node === node.id && edge[side].port !== undefined ? [edge[side].port] : []));
  const ports = (side: 'in' | 'out'): readonly string[] =>
    entry === undefined ? [...new Set(named(side === 'in' ? 'to' : 'from'))].filter((port) => port !== 'error') : Object.keys(entry[side]);
  const found = diagnostics.filter(
    (one) => one.node === node.id || one.path === `nodes.${node.id}` || one.path.startsWith(`nodes.${node.id}.`),
  );
  const worst = found.find(({ severity }) => severity === 'error') ?? found.find(({ severity }) => severity === 'warning');
  return {
    type: node.type,
    kind: node.type.startsWith('graph/') ? 'graph' : (entry?.kind ?? 'unknown'),
    inputs: ports('in'),
    outputs: ports('out'),
    comment: node.comment ?? '',
    severity: worst?.severity ?? '',
    finding: worst === undefined ? '' : `${worst.message}${worst.hint === undefined ? '' : ` ${worst.hint}`}`,
  };
}

/** Places of all nodes: those that are kept, and laid out those that have none. */
function placed(now: Editing, blocks: ReadonlyMap<string, Block>): Places {
  const { places } = now.history.present;
  const ids = now.model.nodes.map(({ id }) => id);
  if (ids.every((id) => places[id] !== undefined)) return places;
  const auto = arranged(now, blocks);
  const kept = ids.filter((id) => places[id] !== undefined);
  if (kept.length === 0) return auto;
  // New ones come below what is there.
  let y = Math.max(...kept.map((id) => places[id]!.y)) + 130;
  const made: Record<string, Point> = { ...places };
  for (const id of ids) {
    if (made[id] !== undefined) continue;
    made[id] = { x: auto[id]?.x ?? 0, y };
    y += heightOf(blocks.get(id)!) + 20;
  }
  return made;
}

function arranged(now: Editing, blocks: ReadonlyMap<string, Block>): Places {
  const made = layoutOf(
    now.model.nodes.map(({ id }) => id),
    now.model.edges.map(({ from, to }) => ({ from: from.node, to: to.node })),
    { width: WIDTH, height: (id) => heightOf(blocks.get(id)!) },
  );
  return folded(made, (id) => heightOf(blocks.get(id)!));
}

/** A long row of columns as several rows, where they are larger on the screen that way. */
function folded(places: ReadonlyMap<string, Point>, heightOfNode: (id: string) => number): Places {
  const columns = [...new Set([...places.values()].map(({ x }) => x))].sort((a, b) => a - b);
  const step = WIDTH + 70;
  const top = Math.min(...[...places.values()].map(({ y }) => y));
  const tall = Math.max(...[...places].map(([id, { y }]) => y - top + heightOfNode(id))) + 60;
  const sizeOf = (rows: number): number => Math.max((Math.ceil(columns.length / rows) * step) / SCREEN, rows * tall);
  const rows = [1, 2, 3, 4].reduce((best, rows) => (sizeOf(rows) < sizeOf(best) * 0.85 ? rows : best), 1);
  const across = Math.ceil(columns.length / rows);
  return Object.fromEntries(
    [...places].map(([id, { x, y }]) => {
      const column = columns.indexOf(x);
      return [id, { x: (column % across) * step, y: y - top + Math.floor(column / across) * tall }];
    }),
  );
}

/** Width of a canvas by its height, about. */
const SCREEN = 1.1;

function linesOf({ model, world, diagnostics }: Editing): Line[] {
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

/** Puts a node of a type into the graph. @returns its id */
export function addOfType(type: string, at?: Point): string | undefined {
  const now = editing.get();
  if (now === undefined) return undefined;
  const id = freeId(
    type.split('/').at(-1)!,
    now.model.nodes.map((node) => node.id),
  );
  if (!edit((text) => addNode(text, id, { type }), at === undefined ? {} : { places: { [id]: at } })) return undefined;
  chosen.set({ nodes: [id], edges: [] });
  return id;
}

export function connect(from: PortAt, to: PortAt): boolean {
  const now = editing.get();
  if (now === undefined) return false;
  const why = whyNot(now, from, to);
  if (why !== undefined) {
    complain(new Error(why));
    return false;
  }
  // A port that goes without saying is left out.
  const only = (node: string, side: 'in' | 'out'): boolean =>
    Object.keys(now.world.type(now.model.nodes.find(({ id }) => id === node)?.type ?? '')?.[side] ?? {}).length === 1;
  const end = ({ node, port }: PortAt, side: 'in' | 'out') => (only(node, side) && port !== 'error' ? { node } : { node, port });
  return edit((text) => addEdges(text, [{ from: end(from, 'out'), to: end(to, 'in') }]));
}

/** Lays the graph out anew. */
export function arrange(): void {
  const now = editing.get();
  if (now !== undefined) place(arranged(now, new Map(now.model.nodes.map((node) => [node.id, blockOf(now, node)]))));
}

/** Lines the chosen nodes up: in a column where they are taller than wide as a group, else in a row. */
export function align(): void {
  const now = editing.get();
  const { nodes } = chosen.get();
  if (now === undefined || nodes.length < 2) return;
  const all = placed(now, new Map(now.model.nodes.map((node) => [node.id, blockOf(now, node)])));
  const points = nodes.map((id) => all[id]!);
  const span = (axis: 'x' | 'y'): number => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis]));
  const axis = span('x') <= span('y') ? 'x' : 'y';
  const mean = Math.round(points.reduce((sum, p) => sum + p[axis], 0) / points.length);
  place(Object.fromEntries(nodes.map((id) => [id, { ...all[id]!, [axis]: mean }])));
}

/** Why the port that an edge would end at does not fit. */
function Says() {
  const why = useConnection(({ inProgress, toHandle }) =>
    inProgress && toHandle?.id != null ? fit(toHandle.nodeId, toHandle.id, toHandle.type === 'target' ? 'in' : 'out') : undefined,
  );
  return why === undefined || why === '' ? null : (
    <p className="canvas-says" role="status">
      {why}
    </p>
  );
}

export const DRAG_TYPE = 'application/x-sluice-node';

export function Canvas({ name }: { readonly name: string }) {
  const now = useStore(editing)!;
  const picked = useStore(chosen);
  const flow = useReactFlow();
  const box = useRef<HTMLDivElement>(null);
  const cache = useRef(new Map<string, { key: string; block: Block }>());
  const blocks = useMemo(() => {
    const made = new Map<string, Block>();
    for (const node of now.model.nodes) {
      const block = blockOf(now, node);
      const key = JSON.stringify(block);
      const known = cache.current.get(node.id);
      // What is the same is the same object: its box is not rendered again.
      made.set(node.id, known?.key === key ? known.block : block);
      if (known?.key !== key) cache.current.set(node.id, { key, block });
    }
    return made;
  }, [now.model, now.world, now.diagnostics]);
  const places = useMemo(() => placed(now, blocks), [now.model, now.history.present.places, blocks]);
  drawn.places = places;
  const [nodes, setNodes] = useState<BlockNode[]>([]);
  useEffect(() => {
    setNodes((before) => {
      const old = new Map(before.map((node) => [node.id, node]));
      return now.model.nodes.map(({ id }): BlockNode => {
        const known = old.get(id);
        const data = blocks.get(id)!;
        const position = places[id]!;
        const selected = picked.nodes.includes(id);
        if (known !== undefined && known.data === data && known.selected === selected && same(known.position, position)) return known;
        return { ...known, id, type: 'block', data, position, selected, ariaLabel: `${id}, ${data.type}` };
      });
    });
  }, [now.model, blocks, places, picked.nodes]);
  const edges = useMemo(() => {
    const lines = linesOf(now);
    return picked.edges.length === 0
      ? lines
      : lines.map((line) => (picked.edges.includes(Number(line.id)) ? { ...line, selected: true } : line));
  }, [now.model, now.world, now.diagnostics, picked.edges]);
  useEffect(() => {
    const frame = setTimeout(() => void flow.fitView({ padding: 0.12, maxZoom: 1.1 }), 60);
    return () => clearTimeout(frame);
  }, [name, flow]);
  const onNodesChange = useCallback((changes: NodeChange<BlockNode>[]) => {
    setNodes((before) => applyNodeChanges(changes, before));
    const picks = changes.filter((change) => change.type === 'select');
    if (picks.length > 0) {
      const gone = new Set(picks.map(({ id }) => id));
      chosen.set((before) => ({
        ...before,
        nodes: [...before.nodes.filter((id) => !gone.has(id)), ...picks.flatMap(({ id, selected }) => (selected ? [id] : []))],
      }));
    }
    // Arrow keys move, too, and tell no end.
    const moved = changes.filter((change) => change.type === 'position' && change.dragging !== true && change.position !== undefined);
    if (moved.length > 0)
      place(Object.fromEntries(moved.map((change) => (change.type === 'position' ? [change.id, round(change.position!)] : []))));
  }, []);
  return (
    <div
      className="canvas"
      ref={box}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDrop={(event) => {
        const type = event.dataTransfer.getData(DRAG_TYPE);
        if (type === '') return;
        event.preventDefault();
        const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        addOfType(type, round({ x: at.x - WIDTH / 2, y: at.y - HEAD / 2 }));
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={(changes) => {
          for (const change of changes)
            if (change.type === 'select')
              chosen.set((before) => {
                const index = Number(change.id);
                const rest = before.edges.filter((one) => one !== index);
                return { ...before, edges: change.selected ? [...rest, index] : rest };
              });
        }}
        onConnectStart={(_, { nodeId, handleId, handleType }) => {
          if (nodeId !== null && handleId !== null)
            drawing.set({ side: handleType === 'source' ? 'out' : 'in', at: { node: nodeId, port: handleId } });
        }}
        onConnectEnd={(_, state) => {
          const start = drawing.get();
          drawing.set(undefined);
          // Let go over a port that does not fit: say why.
          const { toHandle } = state;
          if (start === undefined || toHandle === null || state.isValid === true || toHandle.id == null) return;
          const there = { node: toHandle.nodeId, port: toHandle.id };
          const why = start.side === 'out' ? whyNot(now, start.at, there) : whyNot(now, there, start.at);
          if (why !== undefined) complain(new Error(why));
        }}
        isValidConnection={({ source, sourceHandle, target, targetHandle }) =>
          sourceHandle != null &&
          targetHandle != null &&
          whyNot(editing.get()!, { node: source, port: sourceHandle }, { node: target, port: targetHandle }) === undefined
        }
        onConnect={({ source, sourceHandle, target, targetHandle }) =>
          void connect({ node: source, port: sourceHandle! }, { node: target, port: targetHandle! })
        }
        connectionRadius={26}
        onMoveStart={() => box.current?.classList.add('moving')}
        onMoveEnd={(_, { zoom }) => {
          box.current?.classList.remove('moving');
          // What cannot be read is not drawn.
          box.current?.classList.toggle('far', zoom < 0.35);
        }}
        deleteKeyCode={null}
        multiSelectionKeyCode={['Shift', 'Control', 'Meta']}
        selectionKeyCode="Shift"
        onlyRenderVisibleElements={now.model.nodes.length > 80}
        minZoom={0.1}
        maxZoom={2}
        proOptions={{ hideAttribution: true }}
        aria-label={t('editor.canvas', { name })}
      >
        <Says />
        <Background variant={BackgroundVariant.Dots} gap={18} size={1.2} />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
      {now.broken && (
        <p className="canvas-broken" role="alert">
          {t('editor.broken')}
        </p>
      )}
    </div>
  );
}

const round = ({ x, y }: Point): Point => ({ x: Math.round(x), y: Math.round(y) });
const same = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y;
