import { SluiceError } from '@sluice/sdk';
import { SEVERITIES, type Box, type Detection, type Severity } from './ports';

/**
 * Detections as event protocol v0.2 writes them: an object or a list of objects. What is missing or no number where one is
 * needed makes a detection invalid; the others are taken.
 * @throws SluiceError PACKET_UNFIT where the payload is neither
 */
export function protocolDetections(payload: unknown): { readonly detections: readonly Detection[]; readonly invalid: number } {
  if (typeof payload !== 'object' || payload === null) {
    throw new SluiceError('PACKET_UNFIT', 'The payload is neither detections on a frame, nor a detection, nor a list of them.', {
      hint: 'Connect a detector, or write { object_type, bbox, confidence, track_id }.',
    });
  }
  const all = (Array.isArray(payload) ? (payload as unknown[]) : [payload]).map(detectionOf);
  const detections = all.filter((one) => one !== undefined);
  return { detections, invalid: all.length - detections.length };
}

function detectionOf(value: unknown): Detection | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { object_type, event_type, severity, confidence, track_id, bbox } = value as Record<string, unknown>;
  if (!isName(object_type) || !isBox(bbox) || !Number.isFinite(confidence)) return undefined;
  if (event_type !== undefined && !isName(event_type)) return undefined;
  if (severity !== undefined && !SEVERITIES.includes(severity as Severity)) return undefined;
  if (track_id !== undefined && track_id !== null && !isName(track_id) && !Number.isFinite(track_id)) return undefined;
  return {
    label: object_type,
    confidence: confidence as number,
    bbox: { x1: bbox.x1, y1: bbox.y1, x2: bbox.x2, y2: bbox.y2 },
    ...(track_id === undefined || track_id === null ? {} : { track_id: track_id as number | string }),
    ...(event_type === undefined ? {} : { event_type }),
    ...(severity === undefined ? {} : { severity: severity as Severity }),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isBox(value: unknown): value is Box {
  if (typeof value !== 'object' || value === null) return false;
  const { x1, y1, x2, y2 } = value as Record<string, unknown>;
  return [x1, y1, x2, y2].every((part) => Number.isFinite(part));
}
