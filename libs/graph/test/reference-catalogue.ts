import { DURATION, type Catalogue, type JsonSchema, type NodeEntry, type PortEntry } from '@sluice/sdk/catalogue';

const ANY: PortEntry = { type: 'sluice/any@1', profile: 'inproc_any', doc: 'Anything.' };
const SPARE: PortEntry = { ...ANY, optional: true };

/** A node type that takes these options, and all others that a graph of the reference gives it. */
function node(
  type: string,
  kind: NodeEntry['kind'],
  properties: Record<string, JsonSchema> = {},
  more: Partial<NodeEntry> = {},
): NodeEntry {
  return {
    type,
    kind,
    summary: `The node ${type}.`,
    in: kind === 'source' ? {} : { in: ANY },
    out: kind === 'sink' ? {} : { out: SPARE },
    config: { type: 'object', properties },
    examples: [],
    ...more,
  };
}
const duration: JsonSchema = { type: 'string', pattern: DURATION.source };

/** What graphs of the reference platform need; the real ones are in plugins, which this library does not know. */
export const REFERENCE: Catalogue = {
  version: 1,
  plugin: 'reference',
  nodes: [
    node('core/values', 'source', {}, { config: { type: 'object', additionalProperties: false, properties: { items: {}, kind: {} } } }),
    node('core/burst', 'transform'),
    node('core/merge', 'transform', { order: {} }),
    node('core/identity', 'transform'),
    node('core/discard', 'sink'),
    node('core/print', 'sink'),
    node('core/echo', 'transform'),
    node('core/dedup', 'transform', { cooldown: duration }),
    node('io/http-out', 'sink', { timeout: duration }),
    node('io/jsonl-out', 'sink'),
    node('queue/in', 'source', { queue: { type: 'string' }, prefetch: { type: 'integer' }, at_end: {} }),
    node('vision/video-file', 'source', { max_frames: { type: 'integer' }, loop: { type: 'boolean' } }),
    node('vision/every-nth', 'transform'),
    node('vision/mock-detect', 'transform'),
    node('vision/events', 'transform'),
    node('vision/detect', 'transform'),
    node('vision/zones', 'transform', {}, { in: { events: SPARE, detections: SPARE }, out: { events: SPARE, detections: SPARE } }),
  ],
};
