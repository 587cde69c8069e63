import type { GraphNode } from '@sluice/graph';
import { useMemo, useState } from 'react';
import { t } from '../strings';
import { connect, whyNot } from './connecting';
import type { Editing } from './draft';
import type { PortAt } from './world';

/** Joins a port of this node to one of another, without a pointer; what does not fit says why. */
export function Connect({ node, now }: { readonly node: GraphNode; readonly now: Editing }) {
  const entry = now.world.type(node.type);
  const own = [
    ...Object.keys(entry?.out ?? {}).map((port) => ({ side: 'out' as const, port })),
    ...Object.keys(entry?.in ?? {}).map((port) => ({ side: 'in' as const, port })),
  ];
  const [at, setAt] = useState(0);
  const [to, setTo] = useState('');
  const start = own[Math.min(at, own.length - 1)];
  const choices = useMemo(() => {
    if (start === undefined) return [];
    const here: PortAt = { node: node.id, port: start.port };
    return now.model.nodes
      .flatMap((other) => {
        const ports = now.world.type(other.type)?.[start.side === 'out' ? 'in' : 'out'] ?? {};
        return Object.keys(ports).map((port) => {
          const there: PortAt = { node: other.id, port };
          const why = start.side === 'out' ? whyNot(now, here, there) : whyNot(now, there, here);
          return { there, why };
        });
      })
      .filter(({ there }) => there.node !== node.id)
      .sort((a, b) => Number(a.why !== undefined) - Number(b.why !== undefined));
  }, [start?.port, start?.side, node.id, now.model, now.world]);
  if (start === undefined) return null;
  const found = choices.find(({ there, why }) => why === undefined && `${there.node}.${there.port}` === to);
  return (
    <details className="connect">
      <summary>{t('editor.connect')}</summary>
      <label className="form-field">
        <span className="form-label">{node.id}</span>
        <select value={Math.min(at, own.length - 1)} onChange={({ target }) => setAt(Number(target.value))}>
          {own.map(({ side, port }, i) => (
            <option key={`${side}.${port}`} value={i}>
              {t(side === 'out' ? 'editor.connect.from' : 'editor.connect.to')} {port}
            </option>
          ))}
        </select>
      </label>
      <label className="form-field">
        <span className="form-label">{t(start.side === 'out' ? 'editor.connect.to' : 'editor.connect.from')}</span>
        <select value={to} onChange={({ target }) => setTo(target.value)}>
          <option value="" />
          {choices.map(({ there, why }) => (
            <option key={`${there.node}.${there.port}`} value={`${there.node}.${there.port}`} disabled={why !== undefined}>
              {there.node}.{there.port}
              {why === undefined ? '' : ` — ${why}`}
            </option>
          ))}
        </select>
      </label>
      <button
        disabled={found === undefined}
        onClick={() => {
          const here = { node: node.id, port: start.port };
          if (found !== undefined && (start.side === 'out' ? connect(here, found.there) : connect(found.there, here))) setTo('');
        }}
      >
        {t('editor.connect.add')}
      </button>
    </details>
  );
}
