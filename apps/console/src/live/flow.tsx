import {
  BaseEdge,
  Background,
  BackgroundVariant,
  Controls,
  getBezierPath,
  Handle,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge as FlowEdge,
  type EdgeProps,
  type Node as FlowNode,
  type NodeProps,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { memo, useEffect, useMemo, useRef, useState, useSyncExternalStore, type RefObject } from 'react';
import { useCommands, type Command } from '../commands';
import { t } from '../strings';
import { layoutOf, nodeOf, type Point } from './layout';
import { live, type Run, type Shown } from './live';
import { count, fillOf, millis, moodOf, percent, rate, rateOf, toneOfNode } from './look';

/** What is open beside the graph. */
export type Selection = { readonly kind: 'node' | 'edge'; readonly id: string } | undefined;

const BOX = { width: 188, height: 66 };
/** Beyond this many edges nothing moves by itself: figures only. */
const MOVING_EDGES = 60;

interface Part extends Record<string, unknown> {
  readonly run: string;
}
type Box = FlowNode<Part & { readonly type: string; readonly down: boolean }, 'box'>;
type Line = FlowEdge<Part & { readonly calm: boolean }, 'line'>;

/** Boxes and lines hear of new figures some at a time, a part in each frame: hundreds at once would be one long frame. */
const SLICE = 24;
const hearers = new Set<() => void>();
let waiting: (() => void)[] = [];
live.subscribe(() => {
  const idle = waiting.length === 0;
  waiting = [...hearers];
  if (idle && waiting.length > 0) requestAnimationFrame(tell);
});
function tell(): void {
  for (const hear of waiting.splice(0, SLICE)) hear();
  if (waiting.length > 0) requestAnimationFrame(tell);
}
function subscribe(hear: () => void): () => void {
  hearers.add(hear);
  return () => hearers.delete(hear);
}

function useShown<R>(run: string, select: (shown: Shown | undefined) => R): R {
  return useSyncExternalStore(subscribe, () => select(live.get().runs.get(run)));
}

/** One text with all that a box shows: what is the same is not rendered again. */
function nodeLook(shown: Shown | undefined, id: string): string {
  const node = shown?.nodes.get(id);
  if (node === undefined) return 'quiet|ended|||';
  const ended = shown?.run.state === 'done';
  const flow = ended ? count(node.kind === 'sink' ? node.consumed : node.produced) : rate(rateOf(node));
  const calls = node.kind !== 'source' && node.kind !== 'operator';
  const state = node.circuit === undefined || node.circuit === 'closed' ? node.state : `circuit_${node.circuit}`;
  return [toneOfNode(node), state, flow, calls ? millis(node.p95_ms) : '', node.errors > 0 ? count(node.errors) : ''].join('|');
}

const BoxNode = memo(function BoxNode({ id, data, selected }: NodeProps<Box>) {
  const look = useShown(data.run, (shown) => nodeLook(shown, id));
  const [tone, state, flow, p95, errors] = look.split('|') as [string, string, string, string, string];
  return (
    <div className={`box ${tone}${selected ? ' selected' : ''}`}>
      <Handle type="target" position={data.down ? Position.Top : Position.Left} isConnectable={false} />
      <div className="box-name">
        <i className="dot" />
        <b>{id}</b>
        {state !== 'ok' && <span className="box-state">{t(`node.state.${state}` as 'node.state.failing')}</span>}
      </div>
      <div className="box-type">{data.type}</div>
      <div className="box-figures">
        <span>{flow}</span>
        {p95 !== '' && <span>p95 {p95}</span>}
        {errors !== '' && <span className="box-errors">{t('live.errors_n', { n: errors })}</span>}
      </div>
      <Handle type="source" position={data.down ? Position.Bottom : Position.Right} isConnectable={false} />
    </div>
  );
});

function edgeLook(shown: Shown | undefined, id: string): string {
  const edge = shown?.edges.get(id);
  if (edge === undefined) return 'idle||';
  const mood = moodOf(edge, shown?.blocked.get(id) ?? 0);
  const flow = shown?.run.state === 'done' ? count(edge.out) : rate(edge.out_per_s);
  const policy = edge.when_full.replaceAll('_', ' ');
  const held = edge.capacity > 1 ? `${percent(fillOf(edge))} · ${policy}` : policy;
  const says =
    mood === 'dropping'
      ? t('edge.dropping', { rate: rate(edge.dropped_per_s) })
      : mood === 'blocked'
        ? t('edge.blocked', { share: percent(shown?.blocked.get(id) ?? 0) })
        : mood === 'full'
          ? t('edge.full', { share: percent(fillOf(edge)) })
          : held;
  return `${mood}|${flow}|${says}`;
}

const LineEdge = memo(function LineEdge(props: EdgeProps<Line>) {
  const { id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, selected } = props;
  const [mood, flow, says] = useShown(data!.run, (shown) => edgeLook(shown, id)).split('|') as [string, string, string];
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  return (
    <g className={`line ${mood}${data!.calm ? '' : ' moves'}${selected ? ' selected' : ''}`}>
      <BaseEdge path={path} interactionWidth={24} />
      <text x={x} y={y - 5} className="line-rate">
        {flow}
      </text>
      <text x={x} y={y + 11} className="line-says">
        {says}
      </text>
    </g>
  );
});

const NODE_TYPES = { box: BoxNode };
const EDGE_TYPES = { line: LineEdge };

interface FlowProps {
  readonly run: Run;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
}

/** The graph of a run. Its shape is drawn once; figures reach boxes and lines by themselves. */
export function Flow(props: FlowProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({ run, selection, onSelect }: FlowProps) {
  const [canvas, down] = useDirection(run);
  const shape = `${run.id} ${run.plan_hash} ${down}`;
  // Neither nodes nor edges change without the hash.
  const { boxes, lines } = useMemo(() => drawn(run, down), [shape]);
  const nodes = useMemo(() => boxes.map((box) => (isIt(selection, 'node', box.id) ? { ...box, selected: true } : box)), [boxes, selection]);
  const edges = useMemo(
    () => lines.map((line) => (isIt(selection, 'edge', line.id) ? { ...line, selected: true } : line)),
    [lines, selection],
  );
  const flow = useReactFlow();
  useEffect(() => {
    // When what was drawn has its size.
    const frame = requestAnimationFrame(() => void flow.fitView({ padding: 0.12, maxZoom: 1.15 }));
    return () => cancelAnimationFrame(frame);
  }, [shape, flow]);
  useCommands(
    useMemo(
      () => graphCommands(boxes, lines, selection, onSelect, () => void flow.fitView({ padding: 0.12, maxZoom: 1.15, duration: 200 })),
      [boxes, lines, selection, onSelect, flow],
    ),
  );
  return (
    <ReactFlow
      ref={canvas}
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      edgeTypes={EDGE_TYPES}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable
      nodesFocusable
      elementsSelectable
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      minZoom={0.1}
      maxZoom={2}
      fitView
      fitViewOptions={{ padding: 0.12, maxZoom: 1.15 }}
      onNodeClick={(_, { id }) => onSelect({ kind: 'node', id })}
      onEdgeClick={(_, { id }) => onSelect({ kind: 'edge', id })}
      onPaneClick={() => onSelect(undefined)}
      onNodesChange={(changes) => {
        // The keyboard selects by itself: Enter on a box.
        for (const change of changes) if (change.type === 'select' && change.selected) onSelect({ kind: 'node', id: change.id });
      }}
      onEdgesChange={(changes) => {
        for (const change of changes) if (change.type === 'select' && change.selected) onSelect({ kind: 'edge', id: change.id });
      }}
      proOptions={{ hideAttribution: true }}
      aria-label={t('live.graph_of', { graph: run.graph })}
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

/** Across or down, whichever shows the graph larger in the room that there is. */
function useDirection(run: Run): readonly [RefObject<HTMLDivElement | null>, boolean] {
  const canvas = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 4, height: 3 });
  useEffect(() => {
    const element = canvas.current!;
    const sizes = new ResizeObserver(() => setRoom({ width: element.clientWidth, height: element.clientHeight }));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  const sizes = useMemo(() => [false, true].map((down) => sizeOf(places(run, down))), [run.id, run.plan_hash]);
  const [across, down] = sizes.map(({ width, height }) => Math.min(room.width / width, room.height / height)) as [number, number];
  return [canvas, down > across];
}

function places(run: Run, down: boolean): ReadonlyMap<string, Point> {
  return layoutOf(
    run.nodes.map(({ id }) => id),
    run.edges.map(({ from, to }) => ({ from: nodeOf(from), to: nodeOf(to) })),
    { down, ...BOX },
  );
}

function sizeOf(points: ReadonlyMap<string, Point>): { readonly width: number; readonly height: number } {
  const all = [...points.values()];
  return {
    width: Math.max(0, ...all.map(({ x }) => x)) + BOX.width,
    height: Math.max(0, ...all.map(({ y }) => y)) + BOX.height,
  };
}

function isIt(selection: Selection, kind: 'node' | 'edge', id: string): boolean {
  return selection?.kind === kind && selection.id === id;
}

function drawn(run: Run, down: boolean): { boxes: Box[]; lines: Line[] } {
  const ends = run.edges.map((edge) => ({ id: edge.id, from: nodeOf(edge.from), to: nodeOf(edge.to) }));
  const at = places(run, down);
  const calm = run.edges.length > MOVING_EDGES;
  return {
    boxes: run.nodes.map(({ id, type }) => ({
      id,
      type: 'box',
      position: at.get(id)!,
      data: { run: run.id, type, down },
      width: BOX.width,
      height: BOX.height,
      ariaLabel: t('live.node_label', { node: id, type }),
    })),
    lines: ends
      .filter(({ from, to }) => at.has(from) && at.has(to))
      .map(({ id, from, to }) => ({
        id,
        type: 'line',
        source: from,
        target: to,
        data: { run: run.id, calm },
        ariaLabel: t('live.edge_label', { from, to }),
      })),
  };
}

/** Arrows walk: along the edges from what is selected, and beside it. */
function graphCommands(
  boxes: readonly Box[],
  lines: readonly Line[],
  selection: Selection,
  onSelect: (to: Selection) => void,
  fit: () => void,
): readonly Command[] {
  const at = (id: string): Point => boxes.find((box) => box.id === id)!.position;
  const nearest = (ids: readonly string[], to: Point): string | undefined =>
    [...new Set(ids)].sort((a, b) => Math.hypot(at(a).x - to.x, at(a).y - to.y) - Math.hypot(at(b).x - to.x, at(b).y - to.y))[0];
  const walk = (direction: 'next' | 'before' | 'up' | 'down') => (): void => {
    if (boxes.length === 0) return;
    if (selection === undefined) return onSelect({ kind: 'node', id: boxes[0]!.id });
    if (selection.kind === 'edge') {
      const line = lines.find(({ id }) => id === selection.id);
      if (line !== undefined && (direction === 'next' || direction === 'before'))
        onSelect({ kind: 'node', id: direction === 'next' ? line.target : line.source });
      return;
    }
    const here = at(selection.id);
    const ids =
      direction === 'next'
        ? lines.filter(({ source }) => source === selection.id).map(({ target }) => target)
        : direction === 'before'
          ? lines.filter(({ target }) => target === selection.id).map(({ source }) => source)
          : boxes
              .filter(({ id, position }) => id !== selection.id && (direction === 'down' ? position.y > here.y : position.y < here.y))
              .map(({ id }) => id);
    const id = nearest(ids, here);
    if (id !== undefined) onSelect({ kind: 'node', id });
  };
  return [
    { id: 'flow-next', title: t('live.walk_next'), group: 'graph', keys: ['arrowright'], hidden: true, run: walk('next') },
    { id: 'flow-before', title: t('live.walk_before'), group: 'graph', keys: ['arrowleft'], hidden: true, run: walk('before') },
    { id: 'flow-up', title: t('live.walk_up'), group: 'graph', keys: ['arrowup'], hidden: true, run: walk('up') },
    { id: 'flow-down', title: t('live.walk_down'), group: 'graph', keys: ['arrowdown'], hidden: true, run: walk('down') },
    { id: 'flow-fit', title: t('live.fit'), group: 'graph', keys: ['f'], run: fit },
    ...boxes.map(({ id }): Command => ({
      id: `flow-node-${id}`,
      title: t('live.open_node', { node: id }),
      group: 'graph',
      run: () => onSelect({ kind: 'node', id }),
    })),
    ...lines.map(({ id }): Command => ({
      id: `flow-edge-${id}`,
      title: t('live.open_edge', { edge: id }),
      group: 'graph',
      run: () => onSelect({ kind: 'edge', id }),
    })),
  ];
}
