// What is promised, as data: the ten promises of Sluice, each with where it is done and what proves it. The rules of docs/spec, the commands and
// the node types are promises, too; those are read from where they are declared.

/** Sentence, code, and tests as [file, a text that is in it]. */
export const PROMISES = {
  'promise/backpressure': {
    text: 'Backpressure can be seen and set on every edge, never unbounded, and the books always balance.',
    code: 'libs/runtime/src/edge.ts',
    tests: [
      ['libs/runtime/src/edge.spec.ts', 'EDGE-1'],
      ['graphs/behaviour/edge.test.yaml', 'EDGE-2'],
    ],
  },
  'promise/one-class': {
    text: 'One class per node gives validation, docs, JSON Schema, editor form and palette entry.',
    code: 'libs/sdk/src/node.ts',
    tests: [
      ['libs/testing/src/contract.ts', 'NODE-1'],
      ['tools/docgen/docs.spec.ts', 'the reference of %s is what the sources say'],
    ],
  },
  'promise/library': {
    text: 'It is a library first: your types, your container, your Observables in and out.',
    code: 'libs/runtime/src/engine.ts',
    tests: [['tools/consumers/consumers.spec.ts', 'javascript']],
  },
  'promise/graph-tests': {
    text: 'Graphs are tested like code: YAML tests in virtual time, with mocks, in CI.',
    code: 'libs/testing/src/graph-test/run-file.ts',
    tests: [
      ['libs/testing/src/graph-test/graph-test.spec.ts', 'a mock answers in turn'],
      ['graphs/tests.spec.ts', 'passes, with and without fusion, and goes through all nodes'],
    ],
  },
  'promise/faults': {
    text: 'Every fault names file, line, node and remedy, all at once, before anything runs; a failing packet never ends a stream.',
    code: 'libs/graph/src/check.ts',
    tests: [
      ['libs/graph/src/codes.spec.ts', 'is found at its place, alone'],
      ['graphs/behaviour/policies.test.yaml', 'NODE-46'],
    ],
  },
  'promise/durable': {
    text: 'Durable where you ask: commit before ack, crash anywhere, lose nothing, do no effect twice.',
    code: 'libs/store/src/committer.ts',
    tests: [['libs/store/src/committer.spec.ts', 'commit']],
  },
  'promise/review': {
    text: 'Graphs review well: comments kept, layout in a sidecar, a readable diff.',
    code: 'apps/cli/src/commands/fmt.ts',
    tests: [['apps/cli/src', 'fmt']],
  },
  'promise/live': {
    text: 'Live tap, metrics, traces and health are built in; their cost is bounded and measured.',
    code: 'libs/runtime/src/tap.ts',
    tests: [['libs/runtime/src/border.spec.ts', 'BORDER-8']],
  },
  'promise/plugins': {
    text: 'Video, ONNX, speech, agents and approvals are ordinary nodes in plugins.',
    code: 'plugins',
    tests: [['plugins/vision/src/contract.spec.ts', 'contractSuite']],
  },
  'promise/safe': {
    text: 'Safe by default: loopback, token, audit, plugin allowlist, secrets never printed.',
    code: 'libs/control/src/access',
    tests: [
      ['libs/control/src', 'token'],
      ['apps/cli/src', 'allow'],
    ],
  },
};

/** Where rules of docs/spec are done, by the word before their number. */
export const RULES = {
  EDGE: 'libs/runtime/src/edge.ts',
  FUSE: 'libs/runtime/src/compile.ts',
  BORDER: 'libs/runtime/src/border.ts',
  NODE: 'libs/runtime/src/segment.ts',
  RUN: 'libs/runtime/src/run.ts',
  SCOPE: 'libs/runtime/src/scope.ts',
  DELIVERY: 'libs/runtime/src/delivery.ts',
  JOIN: 'libs/runtime/src/join.ts',
};

/** What the environment says to the command. */
export const ENVIRONMENT = {
  SLUICE_CONFIG: 'the settings of the project, in place of `sluice.config.yaml` of the working folder',
  SLUICE_ALLOW_PLUGINS: 'names with commas between, in place of `allow_plugins`',
  SLUICE_STORE:
    'where queues, journal and records are kept: a file, or `postgres://user@host/database`; else `store.db` in the folder of `--state`',
  SLUICE_HOME: 'where staged assets are kept; else `.sluice`',
  'SLUICE_SECRET_<NAME>': 'what `${secret.NAME}` stands for',
  SLUICE_TOKEN: 'the token for commands that ask a server',
  SLUICE_LOG: '`debug`, `info`, `warn` or `error`; else `warn`',
  SLUICE_DEBUG: '`1`: faults with their stack, like `--debug`',
  NO_COLOR: 'anything: no colours',
};
