import { field, type Packet } from '@sluice/sdk';

/** A key made of several fields; undefined where the packet has none of them. */
export function keyOf(paths: readonly string[]): (packet: Packet) => string | undefined {
  const parts = paths.map(field);
  return (packet) => {
    const values = parts.map((part) => part(packet) ?? null);
    return values.every((value) => value === null) ? undefined : JSON.stringify(values);
  };
}

/** The fields of a key as they are shown: the value itself where there is one, else a list. */
export function shownKey(key: string): unknown {
  const values = JSON.parse(key) as unknown[];
  return values.length === 1 ? values[0] : values;
}
