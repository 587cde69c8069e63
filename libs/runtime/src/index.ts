export type {
  Contract,
  EdgeFigures,
  Engine,
  Input,
  LoadOptions,
  Loss,
  Lossy,
  NodeFigures,
  Output,
  Plan,
  Pushed,
  ReplaceOptions,
  Run,
  RunEvent,
  RunFigures,
  RunReport,
  RunState,
  RunStatus,
  StartOptions,
  Types,
} from './api';
export { bounded, type BoundedOptions } from './bounded';
export { chainOf, drawChain, type Chain, type SegmentPlan } from './compile';
export { contract, feed, pushed, type Feed } from './border';
export { seeded, VirtualClock, wallClock, type Clock } from './clock';
export type { ServiceContainer } from './container';
export type { Histogram } from './figures';
export { createEngine, provide, type EngineOptions, type GraphText, type Provided } from './engine';
export type { CallHooks, PolicedCall } from './policy';
export { adaptive, budget, fixedRate, type AdaptiveOptions, type Decided, type Throttle, type ThrottleView } from './throttle';
