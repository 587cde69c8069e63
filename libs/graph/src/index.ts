export { canonicalJson } from './canonical-json';
export { checkGraph, planOf, type CheckInput, type CheckOptions, type CheckResult } from './check';
export { CODES, errorPage, type Code } from './codes';
export type { Diagnostic, Severity } from './diagnostic';
export { drawGraph } from './draw';
export { formatDiagnostic } from './format';
export { hashPlan } from './hash';
export { nearest } from './nearest';
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
export { graphSchema } from './schema';
