/** States of what is edited: the one that is shown, those before it and those that were undone. */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last change was of: changes of the same are one step. */
  readonly of: string | undefined;
}

/** Steps that can be undone. */
const LIMIT = 200;

/** The history of something that nobody has changed yet. */
export const historyOf = <T>(present: T): History<T> => ({ past: [], present, future: [], of: undefined });

/** A change; one of the same as the last one, such as the next letter in a field, is no step of its own. */
export function changed<T>(history: History<T>, present: T, of?: string): History<T> {
  const { past } = history;
  const joined = of !== undefined && of === history.of;
  return { past: joined ? past : [...past, history.present].slice(-LIMIT), present, future: [], of };
}

/** One step back; as it is where there is none. */
export function undone<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  return past.length === 0
    ? history
    : { past: past.slice(0, -1), present: past[past.length - 1]!, future: [present, ...future], of: undefined };
}

/** One step forward again; as it is where there is none. */
export function redone<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  return future.length === 0 ? history : { past: [...past, present], present: future[0]!, future: future.slice(1), of: undefined };
}
