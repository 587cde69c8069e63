import { iou } from './boxes';
import { difference, lookAt, type Look } from './look';
import type { Box, Detection, Frame } from './ports';

export interface TrackerOptions {
  /** Least overlap of a box with where its track was expected. */
  readonly minOverlap: number;
  /** A track that was not seen for longer is forgotten, ms of media time. */
  readonly maxLostMs: number;
  /** Sightings before a track counts; what is seen less often is not passed on. */
  readonly minHits: number;
}

interface Track {
  /** 0 until it counts. */
  id: number;
  readonly label: string;
  box: Box;
  look: Look;
  /** Speed of the centre, px a ms. */
  vx: number;
  vy: number;
  seenMs: number;
  hits: number;
}

/** All that a tracker knows. */
export interface Tracks {
  readonly tracks: readonly Track[];
  /** Number of the next track. */
  readonly next: number;
}

/** Share of a new speed in the smoothed one. */
const SPEED_GAIN = 0.35;
/** For so long a lost track is expected to go on as it went. */
const COAST_MS = 800;
/** Farthest centre from where it was expected, in heights of the box, for boxes that do not overlap; more the longer it was lost. */
const REACH = 0.6;
const REACH_PER_S = 0.5;
/** Difference of looks that outweighs a full overlap. */
const STRANGER = 80;
/** Largest difference of looks where boxes do not overlap. */
const ALIKE = 30;
const LOOK_GAIN = 0.1;

/**
 * Gives boxes of one object the same number from frame to frame: each track is expected where its speed leads it, and
 * pairs are made by overlap and look, the best first, then by distance and look. The same frames always give the same numbers.
 */
export class Tracker {
  private tracks: Track[] = [];
  private next = 1;

  constructor(private readonly options: TrackerOptions) {}

  /** Goes on where another one was. */
  restore({ tracks, next }: Tracks): void {
    this.tracks = tracks.map((track) => ({ ...track }));
    this.next = next;
  }

  toJSON(): Tracks {
    return { tracks: this.tracks, next: this.next };
  }

  /** The detections of a frame that belong to a track that counts, with its number. */
  update(detections: readonly Detection[], frame: Frame): Detection[] {
    const { maxLostMs, minHits } = this.options;
    const timeMs = frame.time_ms;
    // Time that goes back is another video.
    if (this.tracks.some(({ seenMs }) => seenMs > timeMs)) this.tracks = [];
    this.tracks = this.tracks.filter((track) => timeMs - track.seenMs <= (track.id === 0 ? maxLostMs / 4 : maxLostMs));
    const sights = detections.map((detection) => ({ detection, look: lookAt(frame, detection.bbox) }));
    const paired = this.pair(sights, timeMs);
    return sights.flatMap((sight) => {
      const track = paired.get(sight) ?? this.begin(sight, timeMs);
      if (paired.has(sight)) follow(track, sight, timeMs);
      if (track.id === 0 && track.hits >= minHits) track.id = this.next++;
      return track.id === 0 ? [] : [{ ...sight.detection, track_id: track.id }];
    });
  }

  private begin({ detection: { label, bbox }, look }: Sight, timeMs: number): Track {
    const track: Track = { id: 0, label, box: bbox, look, vx: 0, vy: 0, seenMs: timeMs, hits: 1 };
    this.tracks.push(track);
    return track;
  }

  private pair(sights: readonly Sight[], timeMs: number): Map<Sight, Track> {
    const candidates = this.tracks.flatMap((track) => {
      const box = expect(track, timeMs);
      const reach = REACH + (REACH_PER_S * (timeMs - track.seenMs)) / 1000;
      return sights.flatMap((sight) => {
        if (sight.detection.label !== track.label) return [];
        const strange = difference(track.look, sight.look);
        // Who stands still is where he was, whatever his trembling box made expect.
        const overlap = Math.max(iou(box, sight.detection.bbox), iou(track.box, sight.detection.bbox));
        if (overlap >= this.options.minOverlap) return [{ track, sight, score: overlap - strange / STRANGER }];
        const near = 1 - distance(box, sight.detection.bbox) / reach;
        return near > 0 && strange < ALIKE ? [{ track, sight, score: near / 2 - strange / STRANGER - 1 }] : [];
      });
    });
    // Sorting is stable: what is equal stays in the order of tracks, then of detections.
    candidates.sort((a, b) => b.score - a.score);
    const paired = new Map<Sight, Track>();
    const taken = new Set<Track>();
    for (const { track, sight } of candidates) {
      if (paired.has(sight) || taken.has(track)) continue;
      paired.set(sight, track);
      taken.add(track);
    }
    return paired;
  }
}

interface Sight {
  readonly detection: Detection;
  readonly look: Look;
}

function expect({ box, vx, vy, seenMs }: Track, timeMs: number): Box {
  const ahead = Math.min(timeMs - seenMs, COAST_MS);
  return { x1: box.x1 + vx * ahead, y1: box.y1 + vy * ahead, x2: box.x2 + vx * ahead, y2: box.y2 + vy * ahead };
}

function follow(track: Track, { detection: { bbox: box }, look }: Sight, timeMs: number): void {
  const passed = timeMs - track.seenMs;
  if (passed > 0) {
    const gain = track.hits === 1 ? 1 : SPEED_GAIN;
    track.vx += gain * ((box.x1 + box.x2 - track.box.x1 - track.box.x2) / 2 / passed - track.vx);
    track.vy += gain * ((box.y1 + box.y2 - track.box.y1 - track.box.y2) / 2 / passed - track.vy);
  }
  track.box = box;
  track.look = track.look.map((value, i) => value + LOOK_GAIN * (look[i]! - value));
  track.seenMs = timeMs;
  track.hits++;
}

/** Between centres, in heights; infinite where the sizes do not fit. */
function distance(a: Box, b: Box): number {
  const ratio = (b.y2 - b.y1) / (a.y2 - a.y1);
  if (!(ratio > 0.6 && ratio < 1.7)) return Infinity;
  return Math.hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2, (a.y1 + a.y2 - b.y1 - b.y2) / 2) / Math.max(a.y2 - a.y1, b.y2 - b.y1);
}
