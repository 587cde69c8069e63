// The pages of the docs in their order, as the site's sidebar and llms.txt have them. A page that is in none of the groups fails docs.spec.ts.

/** Title of a group, and its pages: path below docs without `.md`, name in the sidebar, what a program should know of it. */
export const SITE = {
  Tutorial: [['tutorial/ten-minutes', 'Ten minutes', 'a node type of your own, a graph, tests for both']],
  'How to': [
    ['guide/street-watch', 'Street-watch, step by step', 'a whole graph explained'],
    ['guide/editing-graphs', 'Editing graphs', 'checks, editors, formatting, what a change means'],
    ['guide/presets', 'Beginning with a preset', 'graphs with parameters: list, serve, make your own'],
    ['guide/graph-tests', 'Testing graphs', 'given, mock, fault, expect'],
    ['guide/node-tests', 'Testing nodes', 'runNode, marbles, fakeHttp'],
    ['guide/plugins', 'Plugins', 'write, pack, allow and check a package with node types'],
    ['guide/library', 'Sluice as a library', 'engine, plan, run in a program'],
    ['guide/bounded', 'The edge as an operator', 'the edge in a pipe of your own'],
    ['guide/service', 'Sluice as a service', 'systemd, containers, probes, paths'],
    ['guide/reference-platform', 'Graphs of schnitzel-stream-platform', 'its node types and config keys, and ours'],
  ],
  Reference: [
    ['reference/nodes', 'Node types', 'ports, options and examples of every node type'],
    ['reference/cli', 'The command line', 'every command and option'],
    ['reference/config', 'sluice.config.yaml', 'every key of the settings of a project, and the environment'],
    ['reference/tests', 'Keys of graph tests', 'every key of a test'],
    ['reference/errors/README', 'Error codes', 'every code, and what to do'],
    ['reference/rules', 'What a check finds', 'every rule for graphs, with its code and an example'],
    ['reference/machines', 'State machines', 'states and transitions of what is durable'],
    ['reference/metrics', 'Metrics', 'Prometheus'],
    ['reference/api', 'HTTP API', 'every request'],
    ['reference/coverage', 'Coverage', 'every promise with its code and its test'],
  ],
  Why: [
    ['guide/architecture', 'Architecture', 'one page'],
    ['guide/how-it-runs', 'How a graph runs', 'plan, edges, deliveries, scopes'],
    ['guide/durability', 'What outlives the process', 'state, calls on record, effects of which nobody knows'],
    ['guide/delivery-guarantees', 'Delivery guarantees', 'what is promised of a durable edge'],
    ['guide/threat-model', 'What it defends against', 'who may do what'],
    ['spec/edge', 'Edges: the rules', 'what every edge keeps'],
    ['spec/node', 'Nodes, runs, scopes: the rules', 'what every node and run keeps'],
    ['spec/delivery', 'Deliveries and joins: the rules', 'acks and joins'],
    ['spec/plugin', 'Plugin packages: the rules', 'what every package keeps'],
  ],
};
