import { createEngine } from '@sluice/runtime';
import {
  Any,
  catalogueOf,
  definePlugin,
  Doc,
  Node,
  port,
  portType,
  SluiceError,
  to,
  type Context,
  type Packet,
  type To,
} from '@sluice/sdk';
import { IsBoolean, IsInt, IsString } from 'class-validator';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, Runs, type Server, type ServerOptions, type Workspace } from '../src';

const Count = portType<{ n: number }>('test/count@1', { profile: 'json_portable' });

class TicksConfig {
  @IsInt() @Doc('Ends after so many.') count = 1_000_000;
}

@Node({ type: 'test/ticks', kind: 'source', summary: 'Counts.', config: TicksConfig, out: { out: port(Count, 'A number.') }, examples: [] })
class Ticks {
  constructor(private readonly config: TicksConfig) {}
  async *read(ctx: Context): AsyncGenerator<To<'out', { n: number }>, void> {
    for (let n = 0; n < this.config.count; n++) {
      await ctx.sleep(1);
      yield to('out', { n });
    }
  }
}

/** Two turns of a call at once, for ever. */
@Node({ type: 'test/turns', kind: 'source', summary: 'Speaks.', out: { out: port(Count, 'A number.') }, examples: [] })
class Turns {
  async *read(ctx: Context): AsyncGenerator<To<'out', { n: number }>, void> {
    const session = ctx.session('call');
    const units = ['turn-0', 'turn-1'].map((id) => ctx.unit(id, { session }));
    for (const unit of units) unit.open();
    for (let n = 0; ; n++) {
      await ctx.sleep(1);
      yield to('out', { n }, { scope: units[n % 2]! });
    }
  }
}

class LoginConfig {
  @IsString() @Doc('What nobody may see.') password = '';
}

/** Tells its password wherever it can: in what it sends, in its errors, in the log. */
@Node({
  type: 'test/login',
  kind: 'transform',
  summary: 'Tells secrets.',
  config: LoginConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'With the password.') },
  examples: [],
})
class Login {
  constructor(private readonly config: LoginConfig) {}
  process(packet: Packet<{ n: number }>, ctx: Context): Packet {
    const { password } = this.config;
    ctx.log.warn(`logging in with ${password}`, { password });
    if (packet.payload.n % 2 === 1) throw new SluiceError('LOGIN_FAILED', `the server refused ${password}`, { details: { password } });
    return packet.with({ n: packet.payload.n, password, url: `https://me:${encodeURIComponent(password)}@example.org` });
  }
}

class DoorConfig {
  @IsBoolean() @Doc('Whether it does not open.') shut = false;
}

@Node({
  type: 'test/door',
  kind: 'transform',
  summary: 'Lets through, where it opens.',
  config: DoorConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The same.') },
  examples: [],
})
class Door {
  constructor(private readonly config: DoorConfig) {}
  async open(): Promise<void> {
    if (this.config.shut) throw new SluiceError('DOOR_SHUT', 'the door is shut');
  }
  process(packet: Packet): Packet {
    return packet;
  }
}

@Node({ type: 'test/sink', kind: 'sink', summary: 'Takes.', in: { in: port(Any, 'Anything.') }, examples: [] })
class Taker {
  write(): void {
    // Taking is all.
  }
}

export const plugin = definePlugin({ name: 'test', nodes: [Ticks, Turns, Login, Door, Taker] });

export const TICKS = `# Counts for ever.
version: 2
name: ticks
description: A graph to try things on.
nodes:
  # Where it begins.
  a:
    type: test/ticks
  b: { type: test/sink }   # and ends
edges:
  - a.out -> b.in
`;

export interface Workbench {
  readonly folder: string;
  readonly server: Server;
  readonly runs: Runs;
  readonly admin: string;
  /** What the engines logged, as text. */
  readonly logged: string[];
  call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into answers of all shapes
  ): Promise<{ status: number; body: any; text: string; headers: Record<string, unknown> }>;
  close(): Promise<void>;
}

/** A server on a folder of its own, with the plugin above. */
export function workbench(
  options: Partial<ServerOptions> & { env?: Record<string, string>; graphs?: Record<string, string>; store?: Workspace['store'] } = {},
): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-control-'));
  const graphs = join(folder, 'graphs');
  mkdirSync(graphs, { recursive: true });
  for (const [name, text] of Object.entries({ ticks: TICKS, ...options.graphs })) writeFileSync(join(graphs, `${name}.yaml`), text);
  const { env = {}, store } = options;
  const logged: string[] = [];
  const note = (message: string, fields?: object): void => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const log = { debug: note, info: note, warn: note, error: note };
  const secret = (name: string): string | undefined => env[`SLUICE_SECRET_${name}`];
  const workspace: Workspace = {
    graphs,
    state: join(folder, 'state'),
    catalogues: () => [catalogueOf(plugin)],
    env,
    secret,
    engine: () =>
      createEngine({ plugins: [plugin], env, secret, log, ...(store === undefined ? {} : { store: async () => (await store())! }) }),
    ...(store === undefined ? {} : { store }),
    presets: () => [{ name: 'few', description: 'A few.', graph: join(graphs, 'ticks.yaml'), params: [], set: {}, assets: ['model'] }],
    topics: ['core'],
    doctor: async () => [{ check: 'core', state: 'ok', message: 'all there' }],
  };
  const runs = new Runs();
  runs.phase = 'ready';
  const server = createServer({ runs, port: 0, workspace, log, secrets: () => Object.values(env), ...options });
  const admin = server.newToken();
  return {
    folder,
    server,
    runs,
    admin,
    logged,
    async call(method, url, body, headers = { authorization: `Bearer ${admin}` }) {
      const answer = await server.app.inject({
        method,
        url,
        headers: { host: '127.0.0.1', ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      const json = String(answer.headers['content-type']).startsWith('application/json');
      return { status: answer.statusCode, body: json ? answer.json() : undefined, text: answer.body, headers: answer.headers };
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks again until it holds; fails with what it saw last. */
export async function eventually<T>(look: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (const until = performance.now() + 30_000; ;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > until) throw new Error(`It did not come to be: ${JSON.stringify(value).slice(0, 500)}`);
    await new Promise((done) => setImmediate(done));
  }
}
