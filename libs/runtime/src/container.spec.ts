import { definePlugin, Node, port, portType, token } from '@sluice/sdk';
import { Container, ContainerModule } from 'inversify';
import { createEngine, provide, type Run } from '.';

const Num = portType<number>('t/num@1', { profile: 'json_portable' });
const APP = token<number>('t/app');
const POOL = token<{ factor: number }>('t/pool');

@Node({
  type: 't/scale',
  kind: 'transform',
  summary: 'Multiplies.',
  inject: [APP, POOL],
  in: { in: port(Num, '') },
  out: { out: port(Num, '') },
})
class Scale {
  constructor(
    _config: unknown,
    private readonly app: number,
    private readonly pool: { factor: number },
  ) {}
  process({ payload }: { payload: number }) {
    return payload * this.app * this.pool.factor;
  }
}

const graph = {
  version: 2,
  name: 'g',
  inputs: { in: { type: 't/num@1', to: 'scale.in' } },
  nodes: { scale: { type: 't/scale' } },
};

test('close() waits until the singletons of plugins are closed; the container of the app stays as it is', async () => {
  const log: string[] = [];
  const module = new ContainerModule(({ bind }) => {
    const pool = bind(POOL)
      .toDynamicValue(() => ({ factor: 2 }))
      .inSingletonScope();
    pool.onDeactivation(async () => {
      await Promise.resolve();
      log.push('pool closed');
    });
  });
  const app = new Container();
  app
    .bind<number>(APP)
    .toDynamicValue(() => 3)
    .inSingletonScope()
    .onDeactivation(() => void log.push('app closed'));
  app.get(APP);
  const engine = createEngine({ plugins: [definePlugin({ name: 't', nodes: [Scale], module })], container: app });
  const plan = await engine.load(graph);
  for (let i = 0; i < 2; i++) expect((await engine.start(plan, { inputs: { in: [1] } }).done).status).toBe('ok');
  expect(log).toEqual([]);
  await engine.close();
  expect(log).toEqual(['pool closed']);
  expect(app.isBound(POOL)).toBe(false);
  expect(app.isBound(Scale)).toBe(false);
  expect(app.get(APP)).toBe(3);
});

test('a service that nobody provides is named, and the run does not start', async () => {
  const engine = createEngine({ plugins: [definePlugin({ name: 't', nodes: [Scale] })], services: [provide(APP, 3)] });
  const run = engine.start(await engine.load(graph), { inputs: { in: [] } });
  await expect(run.ready).rejects.toMatchObject({
    code: 'SERVICE_MISSING',
    node: 'scale',
    message: 'scale needs the service t/pool, which nobody provides.',
  });
  expect((await run.done).status).toBe('error');
});

test('a module that binds later is refused: nodes could be made before', () => {
  const late = definePlugin({ name: 't', nodes: [], module: new ContainerModule(async () => undefined) });
  expect(() => createEngine({ plugins: [late] })).toThrow(expect.objectContaining({ code: 'PLUGIN_INVALID' }));
});

test('a service that takes time to make is waited for, made once, and closed with the engine', async () => {
  const log: string[] = [];
  const module = new ContainerModule(({ bind }) => {
    bind(POOL)
      .toDynamicValue(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        log.push('made');
        return { factor: 4 };
      })
      .inSingletonScope()
      .onDeactivation(() => void log.push('closed'));
  });
  const engine = createEngine({ plugins: [definePlugin({ name: 't', nodes: [Scale], module })], services: [provide(APP, 2)] });
  const plan = await engine.load({ ...graph, outputs: { out: { type: 't/num@1', from: 'scale.out' } } });
  for (let i = 0; i < 2; i++) {
    const run = engine.start(plan, { inputs: { in: [5] } }) as unknown as Run<{ out: typeof Num }>;
    const got: number[] = [];
    for await (const value of run.outputs.out) got.push(value);
    expect(got).toEqual([40]);
  }
  await engine.close();
  expect(log).toEqual(['made', 'closed']);
});

test('a service that fails keeps the run from starting, and says why', async () => {
  const module = new ContainerModule(({ bind }) => void bind(POOL).toDynamicValue(() => Promise.reject(new Error('no pool today'))));
  const engine = createEngine({ plugins: [definePlugin({ name: 't', nodes: [Scale], module })], services: [provide(APP, 2)] });
  const run = engine.start(await engine.load(graph), { inputs: { in: [] } });
  await expect(run.ready).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
    node: 'scale',
    message: expect.stringContaining('no pool today') as string,
  });
  expect((await run.done).status).toBe('error');
});
