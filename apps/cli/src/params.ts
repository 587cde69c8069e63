import { usage } from './exit';

/** Reads `--set k=v` options; the values stay text, the graph's declaration says what they are. */
export function readSets(sets: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    sets.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw usage(`--set ${text} is not written as name=value.`, 'Write --set name=value, once for each parameter.');
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
