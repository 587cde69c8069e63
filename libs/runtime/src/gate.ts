import { Edge } from './edge';
import type { Pump } from './scheduler';
import type { Outlet } from './stage';

/** The blocking edges that some work may feed: it may go on only while each has room. */
export class Gate {
  edges: readonly Edge[] = [];

  /** To be called when edges were connected or removed. */
  watch(outlets: Iterable<Outlet>): void {
    this.edges = [...outlets].flatMap((outlet) => outlet.readers.filter((reader) => reader instanceof Edge && reader.blocks) as Edge[]);
  }

  /** How many packets may be made now. Where none may, the pump is woken when that changes. */
  credit(pump: Pump): number {
    let least = Infinity;
    for (const edge of this.edges) {
      const { room } = edge;
      if (room <= 0) edge.waitForRoom(pump);
      if (room < least) least = room;
    }
    return least;
  }

  get open(): boolean {
    const { edges } = this;
    for (let i = 0; i < edges.length; i++) if (!edges[i]!.takes) return false;
    return true;
  }

  /** Whether each has room, `own` reserved packets left out of account. */
  roomBeside(own: number): boolean {
    const { edges } = this;
    for (let i = 0; i < edges.length; i++) if (edges[i]!.vacancy <= 0 || edges[i]!.room + own <= 0) return false;
    return true;
  }

  /** How many packets fit, those that are kept room for left out of account; else as `credit`. */
  vacancy(pump: Pump): number {
    let least = Infinity;
    for (const edge of this.edges) {
      const { vacancy } = edge;
      if (vacancy <= 0) edge.waitForRoom(pump);
      if (vacancy < least) least = vacancy;
    }
    return least;
  }

  get vacant(): boolean {
    for (const edge of this.edges) if (edge.vacancy <= 0) return false;
    return true;
  }

  /** Keeps room for one packet on each. */
  reserve(): void {
    for (const edge of this.edges) edge.reserve();
  }

  release(): void {
    for (const edge of this.edges) edge.release();
  }
}
