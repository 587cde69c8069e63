import { useMemo, useState } from 'react';
import { t } from '../strings';
import { DRAG_TYPE } from './canvas';
import type { NodeEntry, World } from './world';

/** Types that have all the words; those whose name begins with what was typed come first. */
export function found(entries: readonly NodeEntry[], typed: string): readonly NodeEntry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ type }: NodeEntry): number => {
    const name = type.split('/').at(-1)!;
    return words.length === 0 ? 0 : name.startsWith(words[0]!) ? 0 : type.includes(words[0]!) ? 1 : 2;
  };
  return entries
    .filter(({ type, kind, summary }) => words.every((word) => `${type} ${kind} ${summary}`.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b) || (a.type < b.type ? -1 : 1));
}

/** Node types of all plugins: to be dragged, or chosen with the keyboard. */
export function Palette({ name, world, onAdd }: { readonly name: string; readonly world: World; readonly onAdd: (type: string) => void }) {
  const [typed, setTyped] = useState('');
  const entries = useMemo(() => {
    // A graph is no node of itself.
    const subs = world.subs.filter(({ type }) => type !== `graph/${name}`);
    return found([...world.entries, ...subs], typed);
  }, [name, world, typed]);
  const packs = useMemo(() => {
    const made = new Map<string, NodeEntry[]>();
    for (const entry of entries) {
      const pack = typed === '' ? entry.type.split('/')[0]! : '';
      made.set(pack, [...(made.get(pack) ?? []), entry]);
    }
    return [...made];
  }, [entries, typed]);
  return (
    <section className="editor-palette" aria-label={t('editor.palette')}>
      <input
        type="search"
        aria-label={t('editor.palette.search')}
        placeholder={t('editor.palette.search')}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && entries[0] !== undefined) onAdd(entries[0].type);
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            event.currentTarget.closest('section')?.querySelector<HTMLElement>('.palette-node')?.focus();
          }
        }}
      />
      <p className="soft small">{t('editor.palette.hint')}</p>
      <div className="palette-packs">
        {packs.map(([pack, nodes]) => (
          <div key={pack}>
            {pack !== '' && <h3>{pack}</h3>}
            <ul>
              {nodes.map(({ type, kind, summary }) => (
                <li key={type}>
                  <button
                    className={`palette-node ${kind}`}
                    draggable
                    title={summary}
                    onDragStart={({ dataTransfer }) => {
                      dataTransfer.setData(DRAG_TYPE, type);
                      dataTransfer.effectAllowed = 'copy';
                    }}
                    onClick={() => onAdd(type)}
                    onKeyDown={(event) => {
                      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
                      if (step === undefined) return;
                      event.preventDefault();
                      const all = [...event.currentTarget.closest('section')!.querySelectorAll<HTMLElement>('.palette-node')];
                      all[all.indexOf(event.currentTarget) + step]?.focus();
                    }}
                  >
                    <b>{type}</b>
                    <span>{summary}</span>
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ))}
        {entries.length === 0 && <p className="soft">{t('editor.palette.none')}</p>}
      </div>
    </section>
  );
}
