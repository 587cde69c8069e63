export { canonicalJson } from '@sluice/sdk/catalogue';
export { checkGraph, planOf, type CheckInput, type CheckOptions, type CheckResult } from './check';
export { CODES, errorPage, type Code } from './codes';
export type { Diagnostic, Severity } from './diagnostic';
export { planDiff, type Difference, type EdgeChange, type NodeChange, type PlanDiff } from './diff';
export { importGraph, type Imported } from './dialects/import';
export {
  addEdges,
  addNode,
  changed,
  changeEdge,
  copyNodes,
  freeId,
  historyOf,
  pasteNodes,
  readGraph,
  redone,
  removeEdges,
  removeNodes,
  renameNode,
  setComment,
  setConfig,
  setValue,
  undone,
  unsetValue,
  type GraphBorder,
  type GraphEdge,
  type GraphModel,
  type GraphNode,
  type History,
  type NewEdge,
  type NewNode,
} from './document';
export { drawGraph } from './draw';
export { formatGraph } from './fmt';
export { formatDiagnostic, type FormatOptions } from './format';
export { hashPlan } from './hash';
export { shownPlan } from './shown-plan';
export { nearest } from './nearest';
export { ERROR_PORT, portFault, portMeant } from './ports';
export type { ResolvedParam } from './params';
export type {
  CircuitPolicy,
  Endpoint,
  JoinPolicy,
  Lane,
  Layer,
  NodePolicies,
  Plan,
  PlanEdge,
  PlanNode,
  PlanPort,
  RatePolicy,
  RetryPolicy,
  WhenFull,
} from './plan';
export { configFileSchema, processGraphSchema } from './project-schema';
export { graphSchema } from './schema';
export { checkTests, testSchema, type TestFile, type TestSpec } from './test-file';
