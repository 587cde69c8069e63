import { worldOf, type World } from './world';

const any = { type: 'sluice/any@1', profile: 'inproc_any', doc: 'Anything.' };
const frame = { type: 'test/frame@1', profile: 'inproc_any', doc: 'A frame.' };
const text = { type: 'test/text@1', profile: 'json_portable', doc: 'A text.' };
const node = (type: string, kind: string, ports: { in?: object; out?: object }, config: object = {}) => ({
  type,
  kind,
  summary: `${type}.`,
  in: ports.in ?? {},
  out: ports.out ?? {},
  config: { type: 'object', properties: config },
  examples: [],
});

/** A handful of node types: a camera, two that read it, one that takes anything. */
export const WORLD: World = worldOf(
  [
    {
      version: 1,
      plugin: 'test',
      nodes: [
        node('test/camera', 'source', { out: { frames: frame } }, { fps: { type: 'number', description: 'Frames a second.' } }),
        node(
          'test/reader',
          'transform',
          { in: { frames: frame }, out: { words: text, rest: frame } },
          { mode: { enum: ['fast', 'good'] }, loop: { type: 'boolean' } },
        ),
        node('test/speak', 'sink', { in: { words: text } }),
        node('core/discard', 'sink', { in: { in: any } }),
      ],
    },
  ] as unknown as Parameters<typeof worldOf>[0],
  {
    properties: {
      name: {},
      nodes: {},
      edges: {},
      params: {},
    },
    definitions: {
      node: {
        properties: { type: {}, config: {}, on_error: { anyOf: [{ enum: ['continue', 'stop'] }, { type: 'string', pattern: '\\$\\{' }] } },
      },
      param: { properties: { type: { enum: ['string', 'number'] }, default: {} } },
      edge: { properties: {} },
    },
  },
  new Map([
    [
      'inner',
      {
        file: 'inner.yaml',
        text: 'version: 2\nname: inner\nparams:\n  pace: { default: 2s, type: duration, description: How often. }\n  size: { type: integer, default: 3, minimum: 1 }\ninputs:\n  frames: { type: test/frame@1, to: read.frames }\noutputs:\n  words: { type: test/text@1, from: read.words }\nnodes:\n  read:\n    type: test/reader\nedges:\n  - read.rest -> gone\n'.replace(
          'nodes:\n',
          'nodes:\n  gone:\n    type: core/discard\n',
        ),
      },
    ],
  ]),
);

export const GRAPH = `version: 2
name: reading
nodes:
  # Sees the street.
  camera:
    type: test/camera
  reader:
    type: test/reader
    config:
      mode: fast
  speak:
    type: test/speak
  inner:
    type: graph/inner
edges:
  - camera -> reader
  - reader.words -> speak
`;
