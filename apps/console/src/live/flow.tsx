import {
  BaseEdge,
  Background,
  BackgroundVariant,
  Controls,
  getBezierPath,
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
import { memo, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
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
  readonly down: boolean;
}
type Box = FlowNode<Part & { readonly type: string }, 'box'>;
type Line = FlowEdge<Part & { readonly calm: boolean }, 'line'>;

/**
 * Boxes and lines write new figures into their elements by themselves: React draws what stays, and has nothing to do twice a second. Hundreds
 * are written in turns, so that no frame is long.
 */
const BUDGET_MS = 5;
const writers = new Set<() => void>();
let waiting: (() => void)[] = [];
live.subscribe(writeAll);
function writeAll(): void {
  const idle = waiting.length === 0;
  waiting = [...writers];
  if (idle && waiting.length > 0) requestAnimationFrame(write);
}
function write(): void {
  const end = performance.now() + BUDGET_MS;
  do waiting.pop()?.();
  while (waiting.length > 0 && performance.now() < end);
  if (waiting.length > 0) requestAnimationFrame(write);
}

/** Below this size nothing but names and colours can be read: figures are not written then. */
const FAR = 0.4;
let far = false;

/** Writes the parts of a text, first one as `data-mood`, the others into the elements that are marked for it, where they differ from the last. */
function useWritten<E extends Element>(
  run: string,
  id: string,
  lookOf: (shown: Shown | undefined, id: string) => readonly string[],
): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    let last: readonly string[] = [];
    // Its turn may come when it is no longer there.
    const own = element.current!;
    const places = [...own.querySelectorAll('[data-figure]')];
    const put = (): void => {
      const look = lookOf(live.get().runs.get(run), id);
      if (look[0] !== last[0]) own.setAttribute('data-mood', look[0]!);
      if (far) {
        last = [look[0]!, ...last.slice(1)];
        return;
      }
      places.forEach((place, i) => look[i + 1] !== last[i + 1] && (place.textContent = look[i + 1]!));
      last = look;
    };
    put();
    writers.add(put);
    return () => void writers.delete(put);
  }, [run, id, lookOf]);
  return element;
}

/** All that a box shows: tone, state, flow, duration, errors. */
function nodeLook(shown: Shown | undefined, id: string): readonly string[] {
  const node = shown?.nodes.get(id);
  if (node === undefined) return ['quiet', '', '', '', ''];
  const ended = shown?.run.state === 'done';
  const flow = ended ? count(node.kind === 'sink' ? node.consumed : node.produced) : rate(rateOf(node));
  const calls = node.kind !== 'source' && node.kind !== 'operator';
  const state = node.circuit === undefined || node.circuit === 'closed' ? node.state : (`circuit_${node.circuit}` as const);
  return [
    toneOfNode(node),
    state === 'ok' ? '' : t(`node.state.${state}`),
    flow,
    calls ? `p95 ${millis(node.p95_ms)}` : '',
    node.errors > 0 ? t('live.errors_n', { n: count(node.errors) }) : '',
  ];
}

const BoxNode = memo(function BoxNode({ id, data, selected }: NodeProps<Box>) {
  const element = useWritten<HTMLDivElement>(data.run, id, nodeLook);
  return (
    <div ref={element} className={`box${selected ? ' selected' : ''}`}>
      <div className="box-name">
        <i className="dot" />
        <b>{id}</b>
        <span className="box-state" data-figure />
      </div>
      <div className="box-type">{data.type}</div>
      <div className="box-figures">
        <span data-figure />
        <span data-figure />
      </div>
      <span className="box-errors" data-figure />
      {/* Where lines end: found by their class. Handles of the library would listen to each move of the canvas. */}
      <i className="target" data-handlepos={data.down ? Position.Top : Position.Left} />
      <i className="source" data-handlepos={data.down ? Position.Bottom : Position.Right} />
    </div>
  );
});

/** All that a line shows: mood, flow, and what it has to say of itself. */
function edgeLook(shown: Shown | undefined, id: string): readonly string[] {
  const edge = shown?.edges.get(id);
  if (edge === undefined) return ['idle', '', ''];
  const blocked = shown?.blocked.get(id) ?? 0;
  const mood = moodOf(edge, blocked);
  const policy = edge.when_full.replaceAll('_', ' ');
  const says = {
    dropping: () => t('edge.dropping', { rate: rate(edge.dropped_per_s) }),
    blocked: () => t('edge.blocked', { share: percent(blocked) }),
    full: () => t('edge.full', { share: percent(fillOf(edge)) }),
  };
  const held = edge.capacity > 1 ? `${percent(fillOf(edge))} · ${policy}` : policy;
  return [
    mood,
    shown?.run.state === 'done' ? count(edge.out) : rate(edge.out_per_s),
    mood === 'flowing' || mood === 'idle' ? held : says[mood](),
  ];
}

const LineEdge = memo(function LineEdge(props: EdgeProps<Line>) {
  const { id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, selected } = props;
  const element = useWritten<SVGGElement>(data!.run, id, edgeLook);
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  // Beside a line that goes down, above and below one that goes across.
  const beside = data!.down && Math.abs(sourceX - targetX) < 8;
  return (
    <g ref={element} className={`line${data!.calm ? '' : ' moves'}${selected ? ' selected' : ''}${beside ? ' beside' : ''}`}>
      <BaseEdge path={path} interactionWidth={24} />
      <text x={beside ? x + 9 : x} y={beside ? y - 2 : y - 5} className="line-rate" data-figure />
      <text x={beside ? x + 9 : x} y={beside ? y + 11 : y + 11} className="line-says" data-figure />
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

/** The graph of a run. Its shape is drawn once, though the run is another one with each sample. */
export const Flow = memo(
  function Flow(props: FlowProps) {
    return (
      <ReactFlowProvider>
        <Canvas {...props} />
      </ReactFlowProvider>
    );
  },
  (a, b) => a.run.id === b.run.id && a.run.plan_hash === b.run.plan_hash && a.selection === b.selection && a.onSelect === b.onSelect,
);

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
  const look = (zoom: number): void => {
    if (zoom < FAR === far) return;
    far = zoom < FAR;
    canvas.current?.classList.toggle('far', far);
    writeAll();
  };
  useEffect(() => {
    far = false;
  }, []);
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
      onlyRenderVisibleElements={boxes.length > 80}
      onViewportChange={({ zoom }) => look(zoom)}
      onMove={(event) => event?.type === 'mousemove' && canvas.current?.classList.add('dragged')}
      onMoveEnd={() => canvas.current?.classList.remove('dragged')}
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
      data: { run: run.id, down, type },
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
        data: { run: run.id, down, calm },
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
