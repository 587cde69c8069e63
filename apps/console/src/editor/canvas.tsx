import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  SelectionMode,
  useConnection,
  useReactFlow,
  type NodeChange,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Point } from '../live/layout';
import { useStore } from '../store';
import { t } from '../strings';
import { complain } from '../toasts';
import { EDGE_TYPES, linesOf, NODE_TYPES, type BlockNode } from './blocks';
import { addOfType, connect, drawing, fit, whyNot } from './connecting';
import { chosen, drawn, editing, place } from './draft';
import { blockOf, HEAD, placed, WIDTH, type Block } from './placing';

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

/** Room at the sides: lines that go back leave there. */
export const FIT = { padding: { x: '44px', y: '12%' }, maxZoom: 1.1 } as const;

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
    const frame = setTimeout(() => void flow.fitView(FIT), 60);
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
        // A port near the rim stays where it is aimed at.
        autoPanOnConnect={false}
        onMove={(event) => event?.type === 'mousemove' && box.current?.classList.add('dragged')}
        onMoveEnd={(_, { zoom }) => {
          box.current?.classList.remove('dragged');
          // What cannot be read is not drawn.
          box.current?.classList.toggle('far', zoom < 0.35);
        }}
        deleteKeyCode={null}
        multiSelectionKeyCode={['Shift', 'Control', 'Meta']}
        selectionKeyCode="Shift"
        selectionMode={SelectionMode.Partial}
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
