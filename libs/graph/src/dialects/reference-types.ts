/** Where a config key of the reference goes: another key, another unit, or a policy of the node. */
export type Target =
  | string
  | {
      /** Config key. */
      readonly key?: string;
      /** Policy of the node, dotted: `retry.max_attempts`. */
      readonly policy?: string;
      /** A number of seconds becomes a duration. */
      readonly unit?: 's' | 'ms';
      /** Other names of the keys of a mapping, or of each mapping in a list. */
      readonly inside?: Readonly<Record<string, Target>>;
      /** What its values are here; undefined: nothing is to be said. Others stay as they are. */
      readonly values?: Readonly<Record<string, unknown>>;
      /** Texts in its value that are written differently here. */
      readonly texts?: Readonly<Record<string, string>>;
      /** Put together with another key of the same mapping: this one first. */
      readonly before?: string;
    };

/** What a class of the reference platform is here. Config keys that are not named keep their names. */
export interface ReferenceType {
  readonly type: string;
  /** The type that does the same and passes on what it did, for `forward: true`. */
  readonly forward?: string;
  /** Port for edges that name none, where the type has several. */
  readonly in?: string;
  readonly out?: string;
  readonly keys?: Readonly<Record<string, Target>>;
  /** Config where the file says nothing: defaults that differ from ours. */
  readonly preset?: Readonly<Record<string, unknown>>;
  /** Policies where the file says nothing. */
  readonly policies?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Keys without a counterpart, with the value that needs none; any other is reported. `undefined`: no value needs one. */
  readonly idle?: Readonly<Record<string, unknown>>;
}

const PACKAGE = 'schnitzel_stream.';

const RECONNECT: ReferenceType['keys'] = {
  reconnect_backoff_sec: { key: 'reconnect_backoff', unit: 's' },
  reconnect_backoff_max_sec: { key: 'reconnect_max_backoff', unit: 's' },
};

/** By import path below the package; the names under which a class was re-exported are in `MOVED`. */
const TYPES: Readonly<Record<string, ReferenceType>> = {
  'nodes.dev:StaticSource': { type: 'core/values', keys: { packets: 'items' }, preset: { kind: 'raw' } },
  'nodes.dev:Identity': { type: 'core/identity' },
  'nodes.dev:BurstNode': { type: 'core/burst' },
  'nodes.dev:PrintSink': { type: 'core/print', forward: 'core/echo', idle: { forward: false } },
  // The checksum is always there.
  'nodes.blob_ref:BytesToFileRefNode': { type: 'io/bytes-to-ref', keys: { dir: 'path', filename: 'name' }, idle: { compute_sha256: true } },
  'nodes.blob_ref:FileRefToBytesNode': { type: 'io/ref-to-bytes', keys: { output_kind: 'kind' } },
  // A queue is named by its file there; here all are in the store, under that name.
  'nodes.durable_sqlite:SqliteQueueSink': {
    type: 'queue/out',
    keys: { path: 'queue' },
    idle: { forward: false, meta_key: 'durable' },
  },
  'nodes.durable_sqlite:SqliteQueueSource': {
    type: 'queue/in',
    keys: { path: 'queue', limit: 'prefetch' },
    preset: { at_end: 'end' },
    idle: { delete_on_emit: false, meta_key: 'durable' },
  },
  // A row is acked when all that came of it is done: what is left of this node is an end of the way.
  'nodes.durable_sqlite:SqliteQueueAckSink': {
    type: 'core/discard',
    forward: 'core/identity',
    idle: { path: undefined, forward: false, meta_key: 'durable' },
  },
  'nodes.http:HttpJsonSink': {
    type: 'io/http-out',
    forward: 'io/http-send',
    policies: { retry: { max_attempts: 3, backoff: '1s', max_backoff: '10s' } },
    keys: {
      raise_on_fail: { policy: 'on_error', values: { true: 'stop', false: undefined } },
      timeout_sec: { key: 'timeout', unit: 's' },
      retry_max_attempts: { policy: 'retry.max_attempts' },
      retry_backoff_sec: { policy: 'retry.backoff', unit: 's' },
      retry_backoff_max_sec: { policy: 'retry.max_backoff', unit: 's' },
      retry_on_status: 'retry_on',
    },
    idle: { forward: false },
  },
  'nodes.file_sink:JsonlSink': {
    type: 'io/jsonl-out',
    forward: 'io/jsonl-write',
    preset: { body: 'packet' },
    idle: { forward: false, ensure_ascii: false, flush: true },
  },
  'nodes.file_sink:JsonFileSink': {
    type: 'io/json-files-out',
    forward: 'io/json-files-write',
    // Numbers of packets are counted in the sink there.
    keys: { dir: 'path', filename_template: { key: 'name', texts: { '{seq:06d}': '{n}', '{seq}': '{n}' } } },
    preset: { path: 'outputs/packets', name: '{n}_{source_id}_{kind}.json', body: 'payload' },
    idle: { forward: false, meta_key: 'file' },
  },
  'packs.vision.nodes:OpenCvVideoFileSource': { type: 'vision/video-file', preset: { pace: false } },
  'packs.vision.nodes:OpenCvRtspSource': { type: 'vision/rtsp', keys: RECONNECT },
  'packs.vision.nodes:OpenCvWebcamSource': { type: 'vision/webcam', keys: RECONNECT },
  'packs.vision.nodes:EveryNthFrameSamplerNode': { type: 'vision/every-nth' },
  'packs.vision.nodes:MockDetectorNode': {
    type: 'vision/mock-detect',
    keys: { object_type: 'label' },
    preset: { label: 'PERSON', event_type: 'ZONE_INTRUSION', severity: 'LOW', empty: false },
  },
  'packs.vision.nodes:ProtocolV02EventBuilderNode': { type: 'vision/events', preset: { on: 'every' } },
  'packs.vision.nodes:ZonePolicyNode': {
    type: 'vision/zones',
    in: 'events',
    out: 'events',
    keys: {
      zones: { key: 'zones', inside: { zone_id: 'id' } },
      file_path: 'path',
      cache_ttl_sec: { key: 'cache_ttl', unit: 's' },
      api_cfg: {
        key: 'api',
        inside: {
          base_url: { key: 'url', before: 'get_path_template' },
          timeout_sec: { key: 'timeout', unit: 's' },
          error_backoff_sec: { key: 'error_backoff', unit: 's' },
        },
      },
    },
  },
  'packs.vision.nodes:DedupPolicyNode': {
    type: 'core/dedup',
    keys: { cooldown_sec: { key: 'cooldown', unit: 's' } },
    preset: { time: 'clock' },
    // It forgets keys as they run out, whatever the interval.
    idle: { prune_interval: undefined },
  },
  'packs.vision.nodes:YoloV8DetectorNode': {
    type: 'vision/detect',
    keys: { model_path: 'model', conf: 'threshold', iou: 'max_overlap', max_det: 'max_detections' },
    preset: { threshold: 0.25 },
    // It runs on the processor, and names classes instead of numbering them.
    idle: { device: 'cpu', classes: null },
  },
};

/** Modules that re-export what lives in another one now. */
const MOVED: Readonly<Record<string, string>> = {
  'nodes.video': 'packs.vision.nodes',
  'nodes.policy': 'packs.vision.nodes',
  'nodes.event_builder': 'packs.vision.nodes',
  'nodes.mock_detection': 'packs.vision.nodes',
};

/** Needs a window on a screen, or ROS: there is nothing here that it could become. */
const EXCEPTED: readonly string[] = ['packs.vision.nodes:OpenCvBboxDisplaySink', 'packs.robotics.nodes:Ros2CmdVelSink'];

export const IMPORT_PATHS: readonly string[] = Object.keys(TYPES).map((path) => PACKAGE + path);

/** What stands behind an import path; `excepted` where that was left out on purpose. */
export function referenceType(path: string): ReferenceType | 'excepted' | undefined {
  if (!path.startsWith(PACKAGE)) return undefined;
  const [module = '', name = ''] = path.slice(PACKAGE.length).split(':');
  const found = `${Object.hasOwn(MOVED, module) ? MOVED[module] : module}:${name}`;
  return EXCEPTED.includes(found) ? 'excepted' : Object.hasOwn(TYPES, found) ? TYPES[found] : undefined;
}
