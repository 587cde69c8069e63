import type { Code } from '../src';

/** A rule that a graph can break, the code that says so, and the red graphs (in `fixtures/red`) that show it. */
export interface Rule {
  readonly rule: string;
  readonly code: Code;
  /** Names of red graphs; without them all of the code. */
  readonly red?: readonly string[];
}

/** Rules of the reference platform's own format and checks, by the stage at which it looks. */
const REFERENCE: readonly Rule[] = [
  { rule: 'load: the top level is a mapping', code: 'GRAPH_NOT_A_MAPPING' },
  { rule: 'load: the version is a whole number', code: 'GRAPH_VERSION_UNSUPPORTED', red: ['GRAPH_VERSION_UNSUPPORTED.2'] },
  { rule: 'load: the version is one that is read', code: 'GRAPH_VERSION_UNSUPPORTED', red: ['GRAPH_VERSION_UNSUPPORTED'] },
  { rule: 'load: `job:` and version 1 are refused by name', code: 'GRAPH_LEGACY', red: ['GRAPH_LEGACY', 'GRAPH_LEGACY.2'] },
  { rule: 'load: a node is a mapping', code: 'GRAPH_WRONG_TYPE', red: ['GRAPH_WRONG_TYPE.2'] },
  { rule: 'load: a node has an id that is not empty', code: 'NODE_ID_MISSING', red: ['NODE_ID_MISSING', 'NODE_ID_MISSING.2'] },
  { rule: 'load: a node names its plugin', code: 'NODE_TYPE_MISSING', red: ['NODE_TYPE_MISSING.2'] },
  { rule: 'load: a plugin is written module:Name', code: 'NODE_IMPORT_PATH' },
  { rule: 'load: an edge names both ends', code: 'EDGE_SYNTAX', red: ['EDGE_SYNTAX.4'] },
  { rule: 'load: a name and its alias do not stand together', code: 'GRAPH_ALIAS_TWICE' },
  { rule: 'load: the runner gets a sound inbox', code: 'EDGE_INVALID_OPTION', red: ['EDGE_INVALID_OPTION.4', 'EDGE_INVALID_OPTION.5'] },
  { rule: 'load: what has no meaning is said', code: 'GRAPH_DIALECT_IGNORED' },
  { rule: 'topology: node ids are unique', code: 'NODE_DUPLICATE_ID', red: ['NODE_DUPLICATE_ID', 'NODE_DUPLICATE_ID.2'] },
  { rule: 'topology: node ids are allowed names', code: 'NODE_INVALID_ID' },
  { rule: 'topology: both ends of an edge exist', code: 'EDGE_UNKNOWN_NODE', red: ['EDGE_UNKNOWN_NODE', 'EDGE_UNKNOWN_NODE.3'] },
  { rule: 'topology: no cycle that nothing breaks', code: 'GRAPH_CYCLE', red: ['GRAPH_CYCLE'] },
  { rule: 'topology: no edge of a node to itself', code: 'GRAPH_CYCLE', red: ['GRAPH_CYCLE.2'] },
  { rule: 'ports: a port is not empty and is an identifier', code: 'PORT_INVALID_NAME', red: ['PORT_INVALID_NAME', 'PORT_INVALID_NAME.2'] },
  { rule: 'ports: a port exists', code: 'PORT_UNKNOWN' },
  { rule: 'direction: the kind is one that is known', code: 'NODE_KIND', red: ['NODE_KIND'] },
  { rule: 'direction: nothing goes into a source', code: 'EDGE_INTO_SOURCE', red: ['EDGE_INTO_SOURCE', 'EDGE_INTO_SOURCE.2'] },
  { rule: 'direction: nothing comes out of a sink', code: 'EDGE_OUT_OF_SINK' },
  { rule: 'transport: it is not empty, and one that is there', code: 'NODE_TRANSPORT', red: ['NODE_TRANSPORT', 'NODE_TRANSPORT.2'] },
  { rule: 'interface: the plugin resolves to a node type', code: 'NODE_UNKNOWN_TYPE', red: ['NODE_UNKNOWN_TYPE', 'NODE_UNKNOWN_TYPE.3'] },
  { rule: 'interface: what needs a screen or ROS is refused by name', code: 'NODE_UNKNOWN_TYPE', red: ['NODE_UNKNOWN_TYPE.4'] },
  { rule: 'interface: a source is a source, a node takes packets', code: 'NODE_KIND', red: ['NODE_KIND.2'] },
  { rule: 'profiles: a portable port gets portable payloads', code: 'PORT_PROFILE_MISMATCH' },
  { rule: 'kinds: what comes out fits what goes in', code: 'PORT_TYPE_MISMATCH' },
];

/** Rules of the workflow systems: fan-in, routing, what is checked when a graph is saved. */
const WORKFLOW: readonly Rule[] = [
  { rule: 'the node type is known', code: 'NODE_UNKNOWN_TYPE' },
  { rule: 'what a node type needs is there', code: 'CONFIG_MISSING' },
  { rule: 'values have the type that is asked for', code: 'CONFIG_WRONG_TYPE' },
  { rule: 'what a node type does not know is refused', code: 'CONFIG_UNKNOWN_KEY' },
  { rule: 'something starts the graph, and reaches every node', code: 'NODE_UNREACHABLE', red: ['NODE_UNREACHABLE', 'NODE_UNREACHABLE.2'] },
  { rule: 'reachable over edges that make a node fire', code: 'NODE_UNREACHABLE', red: ['NODE_UNREACHABLE.3'] },
  { rule: 'the mode of an edge is one of those there are', code: 'EDGE_INVALID_OPTION', red: ['EDGE_INVALID_OPTION.6'] },
  { rule: 'one mode between two nodes', code: 'EDGE_MODE_MIXED' },
  { rule: 'an edge ends at nodes that are there', code: 'EDGE_UNKNOWN_NODE' },
  { rule: 'a join has a mode that is known', code: 'NODE_INVALID_POLICY', red: ['NODE_INVALID_POLICY.9'] },
  { rule: 'a join of some needs a count', code: 'NODE_INVALID_POLICY', red: ['NODE_INVALID_POLICY.10'] },
  { rule: 'the count of a join is at least 1', code: 'NODE_INVALID_POLICY', red: ['NODE_INVALID_POLICY.11'] },
  { rule: 'the count of a join is at most its inputs', code: 'NODE_JOIN_QUORUM' },
  { rule: 'a join has inputs to join', code: 'NODE_JOIN_ONE_INPUT', red: ['NODE_JOIN_ONE_INPUT'] },
  { rule: 'context edges do not count as inputs of a join', code: 'NODE_JOIN_ONE_INPUT', red: ['NODE_JOIN_ONE_INPUT.2'] },
  { rule: 'several edges into one input are one input of a join', code: 'NODE_JOIN_ONE_INPUT', red: ['NODE_JOIN_ONE_INPUT.3'] },
  { rule: 'a join node has inputs to join though no join is written', code: 'NODE_JOIN_ONE_INPUT', red: ['NODE_JOIN_ONE_INPUT.4'] },
  { rule: 'routes: conditions are unique', code: 'NODE_ROUTE_REPEATED' },
  { rule: 'routes: what a rule names has an edge', code: 'NODE_ROUTE_UNREAD', red: ['NODE_ROUTE_UNREAD'] },
  { rule: 'routes: the fallback is one of the outputs that are read', code: 'NODE_ROUTE_UNREAD', red: ['NODE_ROUTE_UNREAD.2'] },
  { rule: 'routes: an edge has a rule that sends there', code: 'EDGE_NEVER_SENT' },
  { rule: 'a cycle has a node that feeds back', code: 'GRAPH_CYCLE' },
  { rule: 'a node type is not asked for what it cannot do', code: 'NODE_POLICY_UNUSED' },
];

/** Rules of our own. */
const OURS: readonly Rule[] = [
  { rule: 'an option that another one asks for is there', code: 'CONFIG_MISSING', red: ['CONFIG_MISSING.3', 'CONFIG_MISSING.4'] },
  { rule: 'one of several options is there', code: 'CONFIG_MISSING', red: ['CONFIG_MISSING.5'] },
  { rule: 'options that exclude each other do not stand together', code: 'CONFIG_EXCLUSIVE' },
  { rule: 'the file is YAML', code: 'GRAPH_YAML_SYNTAX' },
  { rule: 'a placeholder in { } is quoted', code: 'GRAPH_UNQUOTED_PLACEHOLDER' },
  { rule: 'a placeholder is one that is known', code: 'CONFIG_PLACEHOLDER_UNKNOWN' },
  { rule: 'an environment variable is set or has a default', code: 'CONFIG_ENV_UNSET' },
  { rule: 'a secret is there', code: 'CONFIG_SECRET_MISSING' },
  { rule: 'an asset is staged', code: 'ASSET_MISSING' },
  { rule: 'keys are known: graph', code: 'GRAPH_UNKNOWN_KEY' },
  { rule: 'keys are known: node', code: 'NODE_UNKNOWN_KEY' },
  { rule: 'keys are known: edge', code: 'EDGE_UNKNOWN_KEY' },
  { rule: 'keys have the name that they have now', code: 'CONFIG_DEPRECATED_KEY' },
  { rule: 'an input that is needed has an edge', code: 'PORT_UNCONNECTED' },
  { rule: 'an output has a reader', code: 'PORT_UNREAD' },
  { rule: 'a source that cannot wait has a lossy edge', code: 'EDGE_PUSH_BLOCKS' },
  { rule: 'what goes over a durable edge can be stored', code: 'EDGE_DURABLE_PAYLOAD' },
  { rule: 'nothing is lost below a durable edge', code: 'EDGE_LOSSY_BELOW_DURABLE', red: ['EDGE_LOSSY_BELOW_DURABLE'] },
  { rule: 'nothing is lost below a durable source', code: 'EDGE_LOSSY_BELOW_DURABLE', red: ['EDGE_LOSSY_BELOW_DURABLE.2'] },
  { rule: 'nothing below a durable edge acks too early', code: 'NODE_BOUNDARY_BELOW_DURABLE', red: ['NODE_BOUNDARY_BELOW_DURABLE'] },
  {
    rule: 'durability is trusted only where a type keeps what it holds in its state',
    code: 'NODE_BOUNDARY_BELOW_DURABLE',
    red: ['NODE_BOUNDARY_BELOW_DURABLE.3'],
  },
  { rule: 'nothing below a durable source acks too early', code: 'NODE_BOUNDARY_BELOW_DURABLE', red: ['NODE_BOUNDARY_BELOW_DURABLE.2'] },
  { rule: 'branches of a join by source packet have the same source packets', code: 'NODE_JOIN_BOUNDARY' },
  { rule: 'branches do not hold back each other unasked', code: 'EDGE_SHARED_BLOCKING' },
];

export const RULES = { REFERENCE, WORKFLOW, OURS };

/** Codes of the workflow systems by what they are here; those that a check cannot give come from a run, and have a page all the same. */
export const CODES_THERE: Readonly<Record<string, string>> = {
  GRAPH_NODE_UNKNOWN: 'NODE_UNKNOWN_TYPE',
  GRAPH_CONFIG_INVALID: 'CONFIG_WRONG_TYPE',
  GRAPH_EDGE_DANGLING: 'EDGE_UNKNOWN_NODE',
  GRAPH_EDGE_MODE_MIXED: 'EDGE_MODE_MIXED',
  GRAPH_PORT_TYPE: 'PORT_TYPE_MISMATCH',
  GRAPH_JOIN_COUNT: 'NODE_JOIN_QUORUM',
  GRAPH_CYCLE_WITHOUT_FEEDBACK: 'GRAPH_CYCLE',
  GRAPH_UNREACHABLE: 'NODE_UNREACHABLE',
  GRAPH_ROUTE_KEY_DUPLICATE: 'NODE_ROUTE_REPEATED',
  GRAPH_FALLBACK_UNKNOWN: 'NODE_ROUTE_UNREAD',
  GRAPH_CAPABILITY_UNSUPPORTED: 'NODE_POLICY_UNUSED',
  ROUTE_UNKNOWN_CONNECTOR: 'NODE_OUTPUT',
  ROUTE_NO_MATCH: 'SWITCH_NO_MATCH',
  RUN_LIMIT_NODE_RUNS: 'BUDGET_SPENT',
  RUN_LIMIT_RUNTIME: 'BUDGET_SPENT',
  JOIN_TIMEOUT: 'JOIN_INCOMPLETE',
  JOIN_IMPOSSIBLE: 'JOIN_INCOMPLETE',
  CIRCUIT_OPEN: 'CIRCUIT_OPEN',
  TIMEOUT_RUN: 'NODE_TIMEOUT',
  CANCELED: 'CANCELLED',
  DELIVERY_FAILED: 'HTTP_REFUSED',
  SETTING_INVALID: 'CONFIG_INVALID',
  SECRET_MISSING: 'CONFIG_SECRET_MISSING',
  EXECUTOR_UNAVAILABLE: 'NODE_PLACEMENT',
};
