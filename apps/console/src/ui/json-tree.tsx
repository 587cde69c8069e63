import { useState } from 'react';
import { bytes } from '../live/look';

interface TreeProps {
  readonly value: unknown;
  readonly name?: string;
  /** Levels that are open at first. */
  readonly open?: number;
}

/** A value to be looked into: what is deep is closed, what the API left out is said. */
export function JsonTree({ value, name, open = 1 }: TreeProps) {
  return (
    <div className="tree" role="group">
      <Branch value={value} name={name} open={open} />
    </div>
  );
}

function Branch({ value, name, open }: { readonly value: unknown; readonly name: string | undefined; readonly open: number }) {
  const [unfolded, setUnfolded] = useState(open > 0);
  const label = name === undefined ? null : <span className="tree-key">{name}</span>;
  if (typeof value !== 'object' || value === null) {
    return (
      <div className="tree-leaf">
        {label}
        <span className={`tree-${value === null ? 'null' : typeof value}`}>{JSON.stringify(value) ?? 'undefined'}</span>
      </div>
    );
  }
  const left = leftOut(value as Readonly<Record<string, unknown>>);
  if (left !== undefined) {
    return (
      <div className="tree-leaf">
        {label}
        <span className="tree-null">{left}</span>
      </div>
    );
  }
  const entries: readonly (readonly [string, unknown])[] = Array.isArray(value)
    ? value.map((item, i) => [String(i), item] as const)
    : Object.entries(value).filter(([, item]) => item !== undefined);
  const size = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  return (
    <div>
      <button type="button" className="tree-fold" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
        <span aria-hidden="true">{unfolded ? '▾' : '▸'}</span>
        {label} <span className="tree-null">{size}</span>
      </button>
      {unfolded && (
        <div className="tree-inner">
          {entries.map(([key, item]) => (
            <Branch key={key} value={item} name={key} open={open - 1} />
          ))}
        </div>
      )}
    </div>
  );
}

/** What stands where the API has left something out. */
function leftOut(value: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof value['$bytes'] === 'number') return `${String(value['$type'])}, ${bytes(value['$bytes'])}`;
  if (value['$more'] !== undefined && Object.keys(value).length === 1)
    return value['$more'] === true ? '…' : `… ${String(value['$more'])} more`;
  if (typeof value['$cut'] === 'number') return `${JSON.stringify(value['text'])} … ${value['$cut']} more`;
  if (value['$number'] !== undefined) return String(value['$number']);
  return undefined;
}
