import { join } from 'node:path';
import { catalogueOf, CONFIG, configClass, makeConfig, nodeSpec } from '@sluice/sdk';
import { Container, type ContainerModule } from 'inversify';
import { MODELS, type Models } from './inference/models';
import { vision } from './plugin';

describe('the plugin', () => {
  it('declares its nodes as data, with a sentence on every field', () => {
    const { nodes } = catalogueOf(vision);
    expect(nodes.map(({ type }) => type)).toEqual(
      ['video-file', 'rtsp', 'webcam', 'every-nth', 'detect', 'mock-detect', 'track', 'zones', 'events', 'annotate'].map(
        (name) => `vision/${name}`,
      ),
    );
    const silent: string[] = [];
    const look = (path: string, schema: Record<string, unknown>) => {
      for (const [name, field] of Object.entries((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>)) {
        if (field['description'] === undefined) silent.push(`${path}.${name}`);
        look(`${path}.${name}`, (field['items'] ?? field) as Record<string, unknown>);
      }
    };
    nodes.forEach((node) => look(node.type, node.config));
    expect(silent).toEqual([]);
    expect(JSON.parse(JSON.stringify(nodes))).toEqual(nodes);
  });

  it('makes each of its examples', async () => {
    const container = new Container();
    await container.load(vision.module as ContainerModule);
    for (const cls of vision.nodes) {
      const spec = nodeSpec(cls);
      expect(spec.examples).not.toHaveLength(0);
      for (const { config } of spec.examples ?? []) {
        const child = new Container({ parent: container });
        child.bind(CONFIG).toConstantValue(makeConfig(configClass(spec), config));
        child.bind(cls).toSelf();
        expect(child.get(cls)).toBeInstanceOf(cls);
      }
    }
  });

  it('closes its models with the container', async () => {
    const container = new Container();
    await container.load(vision.module as ContainerModule);
    const models = container.get<Models>(MODELS);
    expect(container.get(MODELS)).toBe(models);
    const model = await models.get({ path: join(__dirname, '../models/nanodet-g-416.f16.onnx'), decoder: 'auto', inputSize: 640 });
    const data = new Uint8Array(new SharedArrayBuffer(64 * 64 * 3));
    // One after the other: the first may be done before all is closed, the last is not.
    const detect = () => model.detect({ data, width: 64, height: 64, threshold: 0.5, overlap: undefined, limit: 1, classes: undefined });
    const busy = Promise.allSettled(Array.from({ length: 12 }, detect));
    await container.unbindAll();
    expect((await busy).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'MODEL_CLOSED' } });
  });
});
