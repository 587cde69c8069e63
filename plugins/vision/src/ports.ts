import { portType } from '@sluice/sdk';

/**
 * A decoded picture. Its bytes lie in shared memory that is used again when the packet and all that came from it are
 * done: whoever keeps a picture for longer copies it.
 */
export interface Frame {
  /** Rows from top to bottom, three bytes a pixel, no padding; over a SharedArrayBuffer. */
  readonly data: Uint8Array<SharedArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly format: 'rgb24';
  /** Number of the frame since the source started, also across loops. */
  readonly index: number;
  /** Media time since the source started, ms: the same in every pass over one file, whatever the pace. */
  readonly time_ms: number;
}

export const SEVERITIES = ['INFO', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Pixels of the frame, origin top left; x2 and y2 are exclusive edges. */
export interface Box {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface ZoneHit {
  /** The first zone that holds the anchor; '' outside of all. */
  readonly zone_id: string;
  readonly inside: boolean;
}

export interface Detection {
  readonly label: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly bbox: Box;
  readonly track_id?: number | string;
  readonly zone?: ZoneHit;
  /** Of the events that are made of it, where the detector knows. */
  readonly event_type?: string;
  readonly severity?: Severity;
}

/** A polygon in pixels of the frame. */
export interface ZoneShape {
  readonly id: string;
  readonly polygon: readonly (readonly [x: number, y: number])[];
}

/** What was seen on one frame. It carries the frame, so that drawing needs no join. */
export interface Detections {
  readonly frame: Frame;
  readonly detections: readonly Detection[];
  /** The zones that were tested, where a zones node ran: drawn by vision/annotate. */
  readonly zones?: readonly ZoneShape[];
}

/** Payload of event protocol v0.2. */
export interface VisionEvent {
  /** uuid5 of the idempotency key: the same event has the same id in every run. */
  readonly event_id: string;
  /** ISO-8601 UTC. */
  readonly ts: string;
  readonly site_id: string;
  readonly camera_id: string;
  readonly event_type: string;
  /** Label in capitals: PERSON, CAR ... */
  readonly object_type: string;
  readonly severity: Severity;
  readonly track_id: number | string | null;
  /** Whole pixels. */
  readonly bbox: Box;
  readonly confidence: number;
  readonly zone: ZoneHit;
  readonly snapshot_path: string | null;
  readonly sensor: Readonly<Record<string, unknown>> | null;
}

export const FrameType = portType<Frame>('vision/frame@1', { profile: 'inproc_any' });
export const DetectionsType = portType<Detections>('vision/detections@1', { profile: 'inproc_any' });
export const EventType = portType<VisionEvent>('vision/event@1', { profile: 'json_portable' });
