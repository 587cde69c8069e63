export {
  canonicalJson,
  parseDuration,
  parseSize,
  profileFits,
  SluiceError,
  type Catalogue,
  type EffectState,
  type JsonSchema,
  type NodeEntry,
  type NodeExample,
  type NodeKind,
  type PortEntry,
  type Profile,
  type SluiceErrorInit,
  type SourceMode,
} from './catalogue';
export {
  bytes,
  configIssues,
  configSchema,
  Doc,
  IsAny,
  IsCron,
  IsDuration,
  IsSize,
  IsTimeZone,
  makeConfig,
  ms,
  Nested,
  OneOf,
  RequiredWhen,
  type ConfigIssue,
} from './config';
export type { AbortCause, Context, Log, Session, SessionOptions, Unit, UnitOptions, UnitState } from './context';
export type {
  CallRecorder,
  InputRecord,
  LeftOver,
  Probed,
  RecordedCall,
  RecordedNode,
  RecordedPlan,
  RunRecord,
  RunRecorder,
  StateChange,
  StateTurn,
} from './journal';
export { MemoryState, type State } from './state';
export { toJsonText } from './json';
export type {
  Artifact,
  ArtifactFilter,
  ArtifactOptions,
  ArtifactSource,
  ArtifactStore,
  KeptArtifact,
  NodeArtifacts,
  Retention,
} from './artifact';
export {
  configClass,
  Node,
  nodeEntry,
  nodeSpec,
  type BatchSink,
  type In,
  type NodeClass,
  type NodeOf,
  type NodeSpec,
  type Operator,
  type Out,
  type Result,
  type Sink,
  type Source,
  type Transform,
} from './node';
export { field, IsField } from './field';
export {
  combine,
  emitted,
  hop,
  NO_META,
  Origin,
  Packet,
  release,
  to,
  To,
  type Delivery,
  type Emission,
  type Emitter,
  type Fence,
  type Meta,
  type Outcome,
  type PacketJson,
} from './packet';
export { outside, outsideWork } from './outside';
export { catalogueOf, definePlugin, type Plugin, type ServiceModule } from './plugin';
export { compilePayloadCheck, payloadSchema, type PayloadCheck } from './payload-check';
export { Any, Image, port, portType, type PayloadOf, type Port, type Ports, type PortType } from './port';
export { momentOf, type FiredTimer, type NodeTimers, type TimerStore, type TimerWhen } from './timer';
export { CONFIG, token, type Token } from './token';
export {
  queueEmission,
  queueItem,
  STORE,
  type BlobStore,
  type DurableQueue,
  type DurableStore,
  type PutOutcome,
  type QueueDelivery,
  type QueueFigures,
  type QueueItem,
  type QueueOptions,
  type QueueReader,
  type QueueReaderOptions,
  type StoredRef,
} from './store';
