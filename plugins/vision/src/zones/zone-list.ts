import { SluiceError } from '@sluice/sdk';
import type { Point } from '../polygon';
import type { ZoneShape } from '../ports';

/** Zones that came from outside of the graph. */
export interface ZoneList {
  readonly zones: readonly ZoneShape[];
  /** What was passed over, and why; for the log. */
  readonly invalid: readonly string[];
}

/** Whose zones are wanted: entries that name another site or camera are passed over. */
export interface Place {
  readonly site_id?: string | undefined;
  readonly camera_id?: string | undefined;
}

/**
 * Reads a list of zones, or an object with such a list as `zones`: `{ zone_id or id, polygon, enabled }`. A zone with fewer
 * than three corners is passed over; the others hold.
 * @throws SluiceError ZONES_INVALID where the text is no such list
 */
export function readZones(text: string, from: string, place: Place): ZoneList {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new SluiceError('ZONES_INVALID', `${from} is no JSON: ${(error as Error).message}.`, { hint: 'Correct it.', cause: error });
  }
  const list = Array.isArray(data) ? (data as unknown[]) : (data as { zones?: unknown } | null)?.zones;
  if (!Array.isArray(list)) {
    throw new SluiceError('ZONES_INVALID', `${from} is no list of zones.`, {
      hint: 'Write [{ "zone_id": "door", "polygon": [[0, 0], [10, 0], [10, 10]] }], or an object with such a list as "zones".',
    });
  }
  const zones: ZoneShape[] = [];
  const invalid: string[] = [];
  list.forEach((one: unknown, at) => {
    const read = zoneOf(one, place);
    if (typeof read === 'string') invalid.push(`zone ${at}: ${read}`);
    else if (read !== undefined) zones.push(read);
  });
  return { zones, invalid };
}

/** A zone; undefined where it is off or another's; else what is wrong with it. */
function zoneOf(value: unknown, place: Place): ZoneShape | string | undefined {
  if (typeof value !== 'object' || value === null) return 'it is no object';
  const { zone_id, id = zone_id, polygon, enabled, site_id, camera_id } = value as Record<string, unknown>;
  if (enabled === false || isAnother(site_id, place.site_id) || isAnother(camera_id, place.camera_id)) return undefined;
  if (typeof id !== 'string' || id === '') return 'it has no zone_id';
  if (!Array.isArray(polygon) || polygon.length < 3) return `${id} has fewer than three corners`;
  if (!polygon.every(isPoint)) return `${id} has a corner that is not [x, y]`;
  return { id, polygon };
}

function isAnother(named: unknown, own: string | undefined): boolean {
  return named !== undefined && own !== undefined && named !== own;
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every((part) => Number.isFinite(part));
}
