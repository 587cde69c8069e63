export type { Diagnostic, Severity } from './diagnostic';
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
