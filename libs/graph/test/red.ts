import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckOptions, Code } from '../src';

/** A graph with one fault; `¤` stands before the place where the diagnostic must point. */
export interface Red extends Expected {
  /** Of its file in `fixtures/red`: the code, and a number where a code has several. */
  readonly name: string;
  readonly code: Code;
  readonly text: string;
}

interface Expected {
  readonly says?: RegExp;
  readonly hint?: RegExp;
  readonly options?: Partial<CheckOptions>;
  /** Further codes that the same fault rightly gives. */
  readonly also?: readonly Code[];
}

const sub = (text: string): Partial<CheckOptions> => ({ graph: (name) => (name === 'inner' ? { file: 'inner.yaml', text } : undefined) });

/** What is expected beside code and place. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  GRAPH_UNQUOTED_PLACEHOLDER: { says: /quoted/, hint: /Quote it/ },
  'GRAPH_NOT_A_MAPPING.2': { says: /empty/ },
  GRAPH_LEGACY: { hint: /version 2/ },
  'GRAPH_VERSION_UNSUPPORTED.2': { hint: /without quotes/ },
  GRAPH_UNKNOWN_KEY: { hint: /outputs/ },
  'GRAPH_WRONG_TYPE.3': { also: ['PORT_UNCONNECTED', 'PORT_UNREAD', 'NODE_UNREACHABLE'] },
  GRAPH_PARAM_INVALID: { hint: /string/ },
  GRAPH_PARAM_UNKNOWN: { hint: /video/ },
  'GRAPH_PARAM_UNKNOWN.2': { hint: /video/, options: { params: { vidoe: 'y' } } },
  GRAPH_PARAM_MISSING: { hint: /--set video=/ },
  GRAPH_PARAM_VALUE: { options: { params: { n: 'many' } } },
  'GRAPH_PARAM_VALUE.2': { options: { params: { n: 6 } } },
  GRAPH_CYCLE: { says: /m -> n -> m/, hint: /core\/delay/ },
  'GRAPH_CYCLE.2': { says: /m -> m/ },
  GRAPH_SUBGRAPH_RECURSION: { options: { graph: () => ({ file: 'red.yaml', text: '' }) } },
  GRAPH_DIALECT_IGNORED: { says: /read by nothing/ },
  'GRAPH_DIALECT_IGNORED.2': { says: /no output `data`/ },
  'NODE_DUPLICATE_ID.2': { says: /`b`/, also: [] },
  NODE_KIND: { hint: /`sink`/ },
  'NODE_KIND.2': { says: /t\/src is a source/, hint: /kind: source/ },
  NODE_UNKNOWN_TYPE: { hint: /t\/print/ },
  'NODE_UNKNOWN_TYPE.2': { hint: /plugins are t/ },
  'NODE_UNKNOWN_TYPE.3': { hint: /nodes\.dev:PrintSink/ },
  'NODE_UNKNOWN_TYPE.4': { says: /needs a screen/, hint: /annotate/ },
  NODE_UNKNOWN_KEY: { hint: /timeout/ },
  'NODE_UNKNOWN_KEY.2': { hint: /max_attempts/ },
  'NODE_UNKNOWN_KEY.3': { hint: /`config`/ },
  'NODE_INVALID_POLICY.6': { hint: /worker/ },
  NODE_SUBGRAPH_POLICY: {
    options: sub('version: 2\nnodes:\n  a: { type: t/src }\n  b: { type: t/print }\nedges:\n  - a -> b\n'),
  },
  NODE_UNREACHABLE: { also: ['NODE_UNREACHABLE'] },
  'NODE_UNREACHABLE.3': { says: /only give context/, hint: /mode: trigger/ },
  'NODE_JOIN_ONE_INPUT.3': { says: /one input only: in\./, hint: /core\/merge/ },
  NODE_ROUTE_REPEATED: { says: /Rule 2 .* rule 1/ },
  'NODE_ROUTE_UNREAD.2': { says: /no rule .* case_3/ },
  PORT_UNKNOWN: { says: /no output `oot`/, hint: /`out`.*has the outputs out/ },
  'PORT_UNKNOWN.2': { says: /no input `data`/, hint: /has the inputs in/ },
  PORT_AMBIGUOUS: { hint: /d\.found or d\.lost/ },
  PORT_TYPE_MISMATCH: { says: /c\.frames gives t\/frame@1, but b\.in takes t\/a@1/, hint: /t\/detect/ },
  PORT_PROFILE_MISMATCH: { hint: /t\/to-ref/ },
  'EDGE_SYNTAX.2': { hint: /a line for each/ },
  'EDGE_SYNTAX.3': { hint: /Options belong under/ },
  'EDGE_UNKNOWN_NODE.2': { hint: /camera/, also: ['PORT_UNREAD'] },
  EDGE_UNKNOWN_KEY: { hint: /when_full/ },
  EDGE_INVALID_OPTION: { hint: /drop_newest/ },
  'EDGE_INVALID_OPTION.5': { hint: /drop_oldest/ },
  EDGE_PUSH_BLOCKS: { hint: /drop_oldest/ },
  EDGE_DURABLE_PAYLOAD: { hint: /t\/to-ref/ },
  EDGE_SHARED_BLOCKING: { says: /`b` and `c` share/ },
  CONFIG_UNKNOWN_KEY: { hint: /color/ },
  'CONFIG_UNKNOWN_KEY.2': { says: /zones\.0\.sise/ },
  'CONFIG_MISSING.3': { says: /needs `zones` where `from` is inline/, hint: /Tried in this order/ },
  'CONFIG_MISSING.4': { says: /needs `path` where `from` is file/ },
  'CONFIG_MISSING.5': { says: /needs `count` or `span`/ },
  CONFIG_EXCLUSIVE: { says: /`span` excludes `count`/ },
  CONFIG_DEPRECATED_KEY: { says: /`file` is called `path` now/, hint: /Write `path`/ },
  'CONFIG_DEPRECATED_KEY.2': { hint: /Remove it/ },
  CONFIG_WRONG_TYPE: { hint: /true and false/ },
  'CONFIG_WRONG_TYPE.2': { hint: /quotes/ },
  'CONFIG_WRONG_TYPE.3': { hint: /Quote it/ },
  'CONFIG_WRONG_TYPE.6': { hint: /placeholder/ },
  CONFIG_OUT_OF_RANGE: { says: /at most 10/ },
  'CONFIG_OUT_OF_RANGE.2': { says: /more than 0/ },
  'CONFIG_OUT_OF_RANGE.3': { says: /empty/ },
  'CONFIG_OUT_OF_RANGE.5': { says: /twice/ },
  CONFIG_MISSING: { says: /needs `url`/, hint: /where to read/ },
  'CONFIG_MISSING.2': { says: /zones\.0\.id/ },
  CONFIG_NOT_IN_ENUM: { hint: /green/ },
  CONFIG_ENV_UNSET: { hint: /\$\{env\.NOWHERE:default\}/ },
  'CONFIG_ENV_UNSET.2': { says: /names the type of `a`/ },
  ASSET_MISSING: { hint: /sluice assets stage/ },
};

const FOLDER = join(__dirname, 'fixtures/red');

export const RED: readonly Red[] = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const name = file.replace(/\.yaml$/, '');
    return { name, code: name.split('.')[0] as Code, text: readFileSync(join(FOLDER, file), 'utf8'), ...EXPECTED[name] };
  });
