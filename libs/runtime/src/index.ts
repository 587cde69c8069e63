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
  Run,
  RunEvent,
  RunFigures,
  RunReport,
  RunState,
  RunStatus,
  StartOptions,
  Types,
} from './api';
export { contract, feed, pushed, type Feed } from './border';
export { seeded, VirtualClock, wallClock, type Clock } from './clock';
export { createEngine, provide, type EngineOptions, type GraphText, type Provided } from './engine';
