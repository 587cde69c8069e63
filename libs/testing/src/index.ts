export { contractSuite, type ContractCase, type ContractOptions } from './contract';
export { drive } from './drive';
export { FakeContext, packet } from './fake-context';
export { runGraph, type GraphResult, type GraphRunOptions } from './run-graph';
export { given, runNode, type Given, type NodeResult, type NodeRunOptions } from './run-node';
