import { t } from '../strings';
import { chosen, type Editing } from './draft';
import type { FieldFaults } from './form';

type Diagnostics = Editing['diagnostics'];

interface FindingListProps {
  readonly found: Diagnostics;
  /** Makes each a button that leads to where it is. */
  readonly onOpen?: (one: Diagnostics[number]) => void;
}

/** What a check found: what is wrong, what to do, where. */
export function FindingList({ found, onOpen }: FindingListProps) {
  if (found.length === 0) return null;
  return (
    <ul className="findings">
      {found.map((one, i) => {
        const words = (
          <>
            <b>{one.message}</b>
            {one.hint !== undefined && <span>{one.hint}</span>}
            <span className="soft small">
              <code>{one.code}</code> · {t('editor.line', { line: one.line })}
            </span>
          </>
        );
        return (
          <li key={i} className={one.severity}>
            {onOpen === undefined ? (
              words
            ) : (
              <button className="finding" onClick={() => onOpen(one)}>
                {words}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** All findings; each leads to its node or edge, or where it is told to its line. */
export function Problems({ now, onLine }: { readonly now: Editing; readonly onLine?: (line: number) => void }) {
  if (now.diagnostics.length === 0) return <p className="soft small">{t('editor.problems.none')}</p>;
  const open = (one: Diagnostics[number]): void => {
    const node = one.node ?? /^nodes\.([^.]+)/.exec(one.path)?.[1];
    const edge = /^edges\.(\d+)/.exec(one.path)?.[1];
    if (onLine !== undefined) onLine(one.line);
    else if (edge !== undefined) chosen.set({ nodes: [], edges: [Number(edge)] });
    else if (node !== undefined) chosen.set({ nodes: [node], edges: [] });
  };
  return <FindingList found={now.diagnostics} onOpen={open} />;
}

/** Those of a path of the file and of what is below it. */
export const findingsAt = ({ diagnostics }: Editing, path: string): Diagnostics =>
  diagnostics.filter((one) => one.path === path || one.path.startsWith(`${path}.`));

/** Findings below a path of the file, by the rest of their path. */
export function faultsAt({ diagnostics }: Editing, path: string): FieldFaults {
  const made = new Map<string, string>();
  for (const one of diagnostics) {
    if (!one.path.startsWith(`${path}.`)) continue;
    const rest = one.path.slice(path.length + 1);
    if (!made.has(rest)) made.set(rest, `${one.message}${one.hint === undefined ? '' : ` ${one.hint}`}`);
  }
  return made;
}
