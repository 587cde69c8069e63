import type { Detection } from './ports';

/** Tracks that were not seen for longer never come back. */
const FORGET_MS = 60_000;
/** Zone of frames that no zones node has seen. */
const SCENE = '';

interface Visit {
  inside: boolean;
  /** Since when it is seen outside, while it still counts as inside. */
  leftMs?: number;
}

interface Visitor {
  readonly visits: Map<string, Visit>;
  seenMs: number;
}

/** Each track with its visits, by zone, and when it was last seen. */
export type VisitorsJson = readonly (readonly [track: number | string, seenMs: number, visits: readonly (readonly [string, Visit])[]])[];

/** Which track is in which zone. Times are media time, ms. */
export class Visitors {
  private tracks = new Map<number | string, Visitor>();

  constructor(private readonly rearmMs: number) {}

  /** Whether this sight is an entry; remembers where the track is. */
  enters({ track_id, zone }: Detection, timeMs: number): boolean {
    const here = zone === undefined ? SCENE : zone.inside ? zone.zone_id : undefined;
    const visitor = this.tracks.get(track_id!) ?? { visits: new Map<string, Visit>(), seenMs: timeMs };
    this.tracks.set(track_id!, visitor);
    visitor.seenMs = timeMs;
    for (const [id, visit] of visitor.visits) {
      if (id === here || !visit.inside) continue;
      visit.leftMs ??= timeMs;
      if (timeMs - visit.leftMs >= this.rearmMs) visit.inside = false;
    }
    if (here === undefined) return false;
    const was = visitor.visits.get(here)?.inside === true;
    visitor.visits.set(here, { inside: true });
    return !was;
  }

  forget(timeMs: number): void {
    for (const [track, { seenMs }] of this.tracks) if (timeMs - seenMs > FORGET_MS) this.tracks.delete(track);
  }

  restore(kept: VisitorsJson): void {
    this.tracks = new Map(
      kept.map(([track, seenMs, visits]) => [track, { seenMs, visits: new Map(visits.map(([id, visit]) => [id, { ...visit }])) }]),
    );
  }

  toJSON(): VisitorsJson {
    return [...this.tracks].map(([track, { seenMs, visits }]) => [track, seenMs, [...visits]]);
  }
}
