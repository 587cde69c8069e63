export { createServer, DEFAULT_PORT, type Server, type ServerOptions } from './server';
export { Runs, type Numbered, type Preview } from './runs';
export type { LiveEdge, LiveNode, LiveRun } from './sampler';
export type { ErrorEnvelope } from './fault';
