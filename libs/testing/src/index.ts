export { contractSuite, type ContractCase, type ContractOptions } from './contract';
export { drive } from './drive';
export { FakeContext, packet } from './fake-context';
export { fakeHttp, type FakeAnswer, type FakeAnswers, type FakeHttp, type FakeRequest } from './fake-http';
export { packageContract, packageSuite, type PackageContract } from './package-contract';
export { readmeNodes, readmePart, writeReadme } from './readme';
export {
  junit,
  testFile,
  type Covered,
  type FileResult,
  type GraphCoverage,
  type TestFailure,
  type TestHost,
  type TestOptions,
  type TestResult,
} from './graph-test';
export { marbles, type MarbleOptions } from './marbles';
export { runGraph, type GraphResult, type GraphRunOptions } from './run-graph';
export { given, runNode, type Given, type NodeResult, type NodeRunOptions } from './run-node';
