import type { Severity } from './diagnostic';

interface CodeInfo {
  readonly severity: Severity;
  /** What the code means, one sentence. */
  readonly text: string;
  /** What to do, where a finding has nothing more exact to say. */
  readonly hint: string;
}

const error = (text: string, hint: string): CodeInfo => ({ severity: 'error', text, hint });
const warning = (text: string, hint: string): CodeInfo => ({ severity: 'warning', text, hint });

const TABLE = {
  GRAPH_YAML_SYNTAX: error('The file is not valid YAML.', 'Check indentation (spaces, no tabs), brackets and quotes at this place.'),
  GRAPH_UNQUOTED_PLACEHOLDER: error(
    'A placeholder stands unquoted inside { } or [ ].',
    'Quote it: { path: "${params.video}" }, or write the map as a block, a key per line.',
  ),
  GRAPH_NOT_A_MAPPING: error('The file is not a mapping of keys to values.', 'Begin with `version: 2`, then `nodes:` and `edges:`.'),
  GRAPH_DUPLICATE_KEY: error('A key occurs twice in one mapping.', 'Keep one of the two; the other would be lost.'),
  GRAPH_LEGACY: error(
    'The file is a graph of version 1 or of another dialect.',
    'Write it as version 2: nodes with a type, and edges between them.',
  ),
  GRAPH_ALIAS_TWICE: error('Two names of one key stand in one mapping.', 'Keep one of the two.'),
  GRAPH_DIALECT_IGNORED: warning(
    'Something in a graph of another dialect has no counterpart here and has no effect.',
    'Remove it, or say the same with what the node type here has: `sluice nodes show <type>`.',
  ),
  GRAPH_VERSION_MISSING: error('The graph does not say its version.', 'Add `version: 2` as the first line.'),
  GRAPH_VERSION_UNSUPPORTED: error('The graph has a version that this Sluice does not read.', 'Write `version: 2`.'),
  GRAPH_UNKNOWN_KEY: error(
    'A key of the graph is not known.',
    'Known are version, name, description, params, nodes, edges, inputs, outputs.',
  ),
  GRAPH_WRONG_TYPE: error('A key of the graph has a value of the wrong type.', 'The schema says the shape: `sluice schema graph`.'),
  GRAPH_NODES_MISSING: error('The graph has no nodes.', 'Add `nodes:` with at least one node, `<id>: { type: <pack>/<name> }`.'),
  GRAPH_PARAM_INVALID: error('A parameter is declared wrongly.', 'Declare it as `<name>: { type: string, default: ... }`.'),
  GRAPH_PARAM_UNKNOWN: error(
    'A parameter is used or set that the graph does not declare.',
    'Declare it under `params`, or correct its name.',
  ),
  GRAPH_PARAM_MISSING: error('A parameter has neither a default nor a value.', 'Set it with `--set <name>=<value>`, or give it a default.'),
  GRAPH_PARAM_VALUE: error('The value of a parameter does not fit its declaration.', 'Set a value of the declared type.'),
  GRAPH_CYCLE: error('Nodes form a cycle that nothing breaks.', 'Put a core/delay or core/initial-value on the way back.'),
  GRAPH_SUBGRAPH_UNKNOWN: error('A sub-graph does not exist.', 'The name after graph/ is the file name of a graph without `.yaml`.'),
  GRAPH_SUBGRAPH_RECURSION: error('A graph contains itself.', 'Take the inner use out; for a loop use an edge with core/delay.'),

  NODE_INVALID_ID: error('The id of a node is not allowed.', 'Use letters, digits, _ and -, beginning with a letter.'),
  NODE_DUPLICATE_ID: error('Two nodes have the same id.', 'Give one of them another id; ids are unique in a graph.'),
  NODE_ID_MISSING: error('A node of a list has no id.', 'Add `id:`; ids are unique in a graph.'),
  NODE_KIND: error(
    'The kind that is written for a node is none, or is not that of its type.',
    'Kinds are source, node, sink, delay, initial.',
  ),
  NODE_TRANSPORT: error('A node asks for a transport that is not there.', 'Remove `transport`, or write `transport: inproc`.'),
  NODE_IMPORT_PATH: error(
    'What a node names as its plugin is neither an import path nor a node type.',
    'Write `plugin: package.module:Class`, or a node type such as `plugin: core/print`.',
  ),
  NODE_TYPE_MISSING: error('A node does not say its type.', 'Add `type: <pack>/<name>`; `sluice nodes list` shows all.'),
  NODE_UNKNOWN_TYPE: error(
    'No plugin has this node type.',
    'Check the name with `sluice nodes list`, or install and allow the plugin that has it.',
  ),
  NODE_UNKNOWN_KEY: error('A key of a node is not known.', 'Options of the node type belong under `config`.'),
  NODE_INVALID_POLICY: error(
    'A policy of a node has a value that is not allowed.',
    'The schema says shapes and limits: `sluice schema graph`.',
  ),
  NODE_SUBGRAPH_POLICY: error(
    'A sub-graph has a policy.',
    'Policies belong to the nodes inside; only `config` (its parameters) is set here.',
  ),
  NODE_UNREACHABLE: error(
    'Nothing that produces packets leads to a node.',
    'Connect it to a source or an input of the graph, or remove it.',
  ),
  NODE_JOIN_ONE_INPUT: error(
    'A join has edges into fewer than two inputs of its node.',
    'Give each branch an input of its own, such as those of core/join (`x -> j.a`, `y -> j.b`); to have several streams as one, use core/merge and no join.',
  ),
  NODE_JOIN_QUORUM: error('A join waits for more inputs than the node has.', 'Lower `n`, or connect more inputs.'),
  NODE_POLICY_UNUSED: warning(
    'A policy has no effect on this kind of node.',
    'Remove it; policies work on nodes that are called for each packet: transforms and sinks. A source may have `retry`.',
  ),
  NODE_ROUTE_UNREAD: warning(
    'A rule sends packets to an output that no edge leaves: they are counted and discarded.',
    'Add an edge from that output, or send to `otherwise` what is to be let go.',
  ),
  NODE_ROUTE_REPEATED: warning(
    'Two rules have the same conditions: the second never decides.',
    'Remove one of them, or set `match: all_matches`.',
  ),
  NODE_JOIN_BOUNDARY: error(
    'A join by source packet has an operator in one of its branches that gives new packets, which belong to no packet of the others.',
    'Say by what they belong together, such as `join: { on: all, by: payload.id }`; or put the operator before the fork or behind the join.',
  ),
  NODE_BOUNDARY_BELOW_DURABLE: warning(
    'An operator below a durable edge acks what it takes before its result is stored.',
    'Give it `durability: state` where its type keeps what it holds (core/window does), or use an operator that holds its deliveries.',
  ),

  PORT_UNKNOWN: error('A node does not have this port.', 'See its ports with `sluice nodes show <type>`.'),
  PORT_INVALID_NAME: error(
    'The name of a port is not allowed.',
    'Use letters, digits and _, beginning with a letter; leave it out where a node has one port.',
  ),
  PORT_AMBIGUOUS: error('An edge leaves a port out where the node has several that fit.', 'Name the port: `<node>.<port>`.'),
  PORT_TYPE_MISMATCH: error('An edge joins ports of different types.', 'Put a node between that turns the one into the other.'),
  PORT_PROFILE_MISMATCH: error(
    'A payload that cannot leave the process goes to a port that needs a portable one.',
    'Put `queue/store` in front of the edge, which makes a reference of the payload, and `queue/fetch` behind it.',
  ),
  PORT_UNCONNECTED: error('A required input has no edge.', 'Add an edge to it, or name it in the `inputs` of the graph.'),
  PORT_UNREAD: warning(
    'Nobody reads an output; its packets are counted and discarded.',
    'Add an edge from it, or name it in the `outputs` of the graph.',
  ),

  EDGE_SYNTAX: error('An edge is not written as one.', 'Write `a.port -> b.port`, or `a.port -> b.port: { when_full: latest }`.'),
  EDGE_UNKNOWN_NODE: error('An edge names a node that the graph does not have.', 'Correct the name, or add the node.'),
  EDGE_UNKNOWN_KEY: error(
    'An option of an edge is not known.',
    'Known are when_full, capacity, max_bytes, max_age, key, lane, mode, durable, max_rows, retain, max_attempts, on_dead.',
  ),
  EDGE_INVALID_OPTION: error(
    'An option of an edge has a value that is not allowed.',
    'The schema says which values there are: `sluice schema graph`.',
  ),
  EDGE_MODE_MIXED: error(
    'Edges between the same two nodes have different modes.',
    'Give them one mode; to have both, put a core/identity into one of the two ways.',
  ),
  EDGE_NEVER_SENT: warning('Nothing ever passes an edge: no rule sends to its output.', 'Add a rule that sends there, or remove the edge.'),
  EDGE_DUPLICATE: error('The same two ports are joined twice.', 'Keep one of the edges.'),
  EDGE_INTO_SOURCE: error('An edge goes into a source.', 'Sources take nothing in: turn the edge around, or use another node type.'),
  EDGE_OUT_OF_SINK: error('An edge comes out of a sink.', 'Sinks give nothing out (but `error`): take the packets from the node before.'),
  EDGE_PUSH_BLOCKS: error(
    'A source that cannot wait has an edge that blocks.',
    'Choose when_full: drop_oldest, drop_newest, latest, fair or error.',
  ),
  EDGE_LATEST_CAPACITY: error(
    'An edge with when_full: latest has a capacity.',
    'It always holds one packet: leave capacity out, or set `key` to hold one per key.',
  ),
  EDGE_KEY_MISSING: error('An edge with when_full: fair has no key.', 'Say by what to share, such as `key: payload.tenant`.'),
  EDGE_DURABLE_WHEN_FULL: error(
    'A durable edge has a `when_full` that it cannot have.',
    'Use block, drop_oldest, drop_newest or error; thin out packets with an edge in front of it.',
  ),
  EDGE_NEEDS_DURABLE: error('An option that only a durable edge has.', 'Add `durable: true`, or remove the option.'),
  EDGE_DURABLE_PAYLOAD: error(
    'A payload that cannot be stored goes over a durable edge.',
    'Put `queue/store` in front of the edge, which makes a reference of the payload, and `queue/fetch` behind it.',
  ),
  EDGE_LOSSY_BELOW_DURABLE: warning(
    'Packets that came from a durable edge may be dropped.',
    'Use when_full: block, or make this edge durable; keep it only where the loss is meant.',
  ),
  EDGE_SHARED_BLOCKING: warning(
    'Several branches share a blocking path: the slowest holds back the others.',
    'Give the edge of the branch that may lose packets when_full: drop_oldest, or make it durable.',
  ),

  CONFIG_UNKNOWN_KEY: error('The node type has no such option.', 'See its options with `sluice nodes show <type>`.'),
  CONFIG_DEPRECATED_KEY: warning('An option has another name now.', 'Write the new name; the old one will go with the next major version.'),
  CONFIG_WRONG_TYPE: error('A value has the wrong type.', 'Write a value of the type that is asked for.'),
  CONFIG_OUT_OF_RANGE: error('A value is too small, too large, too short or too long.', 'Choose a value within the bounds.'),
  CONFIG_MISSING: error('A required option is missing.', 'Add it; `sluice nodes show <type>` has examples.'),
  CONFIG_EXCLUSIVE: error(
    'Two options are set of which only one may be.',
    'Remove one of them; `sluice nodes show <type>` says what each does.',
  ),
  CONFIG_NOT_IN_ENUM: error('A value is none of those that are allowed.', 'Choose one of the listed values.'),
  CONFIG_PATTERN: error(
    'A text does not have the form that is asked for.',
    'See the examples of the option with `sluice nodes show <type>`.',
  ),
  CONFIG_BAD_DURATION: error('A text is not a duration.', 'Write a number and a unit: 250ms, 10s, 5m, 2h, 7d.'),
  CONFIG_BAD_SIZE: error('A text is not a size.', 'Write a number and a unit: 512B, 64KB, 200MB, 2GB.'),
  CONFIG_NOT_JSON: error('A value is none that JSON can hold.', 'Use texts, finite numbers, true, false, null, lists and mappings.'),
  CONFIG_PLACEHOLDER_UNKNOWN: error(
    'A placeholder is none that Sluice knows.',
    'Known are ${params.x}, ${env.NAME:default}, ${secret.NAME}, ${asset.NAME}; write $${ for a literal ${.',
  ),
  CONFIG_ENV_UNSET: error(
    'An environment variable is not set and the placeholder has no default.',
    'Set the variable, or write a default: ${env.NAME:default}.',
  ),
  CONFIG_SECRET_MISSING: error('A secret is not there.', 'Set the secret, then start again.'),
  ASSET_MISSING: error('An asset is not staged.', 'Run `sluice assets stage`.'),
} as const satisfies Readonly<Record<string, CodeInfo>>;

/** Every code that a check of a graph can give. */
export type Code = keyof typeof TABLE;

/** The closed list of codes, with what each means and what to do. */
export const CODES: Readonly<Record<Code, CodeInfo>> = TABLE;

/** Where the page of a code is, from the root of the docs. */
export function docsOf(code: Code): string {
  return `docs/reference/errors/${code}.md`;
}

/** The reference page of a code, Markdown; `example` is a graph with the fault and what is printed for it. */
export function errorPage(code: Code, example?: { readonly text: string; readonly printed: string }): string {
  const { severity, text, hint } = CODES[code];
  const shown =
    example === undefined
      ? []
      : ['', '## For example', '', '```yaml', example.text.trimEnd(), '```', '', 'gives', '', '```text', example.printed.trimEnd(), '```'];
  return [`# ${code}`, '', `Severity: ${severity}`, '', text, '', '## What to do', '', hint, ...shown, ''].join('\n');
}
