import { store } from '../store';
import type { SeenPacket } from './tap';

/** Packets that were pinned, by graph and by the port that they came from: they outlive the panel, and are input for the editor. */
export const pins = store<ReadonlyMap<string, readonly SeenPacket[]>>(new Map());

export const pinKey = (graph: string, from: string): string => `${graph} ${from}`;

/** Pins a packet, or lets go of it. */
export function togglePin(key: string, packet: SeenPacket): void {
  pins.set((before) => {
    const here = before.get(key) ?? [];
    const rest = here.filter(({ packet_id }) => packet_id !== packet.packet_id);
    return new Map(before).set(key, rest.length === here.length ? [...here, packet] : rest);
  });
}
