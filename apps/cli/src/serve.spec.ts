import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GOOD, LOAD, place, TICKS } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(180_000);

const here = place({
  'graphs/good.yaml': GOOD,
  'graphs/load.yaml': LOAD,
  'graphs/presets/busy.yaml': 'graph: ../load.yaml\n',
  'graphs/puts.yaml': `version: 2
name: puts
nodes:
  numbers:
    type: core/values
    config: { items: [1, 2, 3] }
  put:
    type: queue/out
    config: { queue: numbers }
edges:
  - numbers -> put
`,
  'graphs/slow.yaml': `version: 2
name: slow
nodes:
  numbers:
    type: core/values
    config: { items: [1], repeat: 0 }
  wait:
    type: core/delay
    config: { duration: 1h }
  end:
    type: core/discard
edges:
  - numbers -> wait
  - wait -> end
`,
});

describe('serve', () => {
  const status = (url: string): Promise<number | undefined> =>
    new Promise((done, fail) => get(url, (answer) => done(answer.resume().statusCode)).on('error', fail));

  const text = (url: string): Promise<string> =>
    new Promise((done, fail) =>
      get(url, (answer) => {
        let body = '';
        answer.on('data', (chunk) => (body += String(chunk)));
        answer.on('end', () => done(body));
      }).on('error', fail),
    );

  it('says where it is, drains under load at SIGTERM within three seconds and exits 0', async () => {
    const { child, ended, saw } = here.start(['serve', '--preset', 'busy', '--port', '0']);
    const url = (await saw(/load runs: (http:[^#\s]+)/))[1]!;
    expect(await status(`${url}readyz`)).toBe(200);
    const stream = await new Promise<NodeJS.ReadableStream>((done) => get(`${url}api/v1/events`, done));
    stream.resume();
    stream.on('error', () => undefined);
    const asked = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, err: expect.stringContaining('Draining') });
    expect(performance.now() - asked).toBeLessThan(3000);
  });

  it('ends at once at the second Ctrl-C', async () => {
    const { child, ended, saw } = here.start(['serve', 'graphs/slow.yaml', '--port', '0', '--json']);
    const url = (await saw(/"url":"([^"]+)"/))[1]!;
    // Nothing taken yet would be nothing to drain.
    while (!/node_packets_total\{.*node="wait",direction="in"\} [1-9]/.test(await text(`${url}/metrics`)));
    child.kill('SIGINT');
    // The second one must not be an echo of the first.
    await new Promise((done) => setTimeout(done, 600));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it('keeps all that it keeps in its state folder, where the other commands read it', async () => {
    const { child, ended, saw } = here.start(['serve', 'graphs/puts.yaml', '--port', '0', '--state', 'kept']);
    const url = (await saw(/puts runs: (http:[^#\s]+)/))[1]!;
    const token = (await saw(/#token=(\S+)/))[1]!;
    await saw(/All sources have ended/);
    await fetch(`${url}api/v1/graphs/puts/publish`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const queued = await here.inside('queue', 'list', '--store', 'kept/store.db', '--json');
    expect(JSON.parse(queued.out)).toMatchObject({ queues: [{ name: 'numbers', rows: 3 }] });
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(readdirSync(join(here.folder, 'kept'))).toEqual(expect.arrayContaining(['audit', 'graphs', 'store.db']));
    if (process.platform !== 'win32') expect(statSync(join(here.folder, 'kept')).mode & 0o77).toBe(0);
    // Of other tests there are notes of their servers.
    expect(existsSync(join(here.folder, '.sluice', 'store.db'))).toBe(false);
  });

  it('goes on in the background until `stop`; where it cannot begin the exit code is that of the foreground', async () => {
    const at = ['--state', 'detached'];
    const begun = await here.sluice(['serve', 'graphs/slow.yaml', '--port', '0', '--detach', '--json', ...at]);
    expect(begun.code).toBe(0);
    const { url, link, log } = JSON.parse(begun.out) as Record<'url' | 'link' | 'log', string>;
    expect(await status(`${url}/readyz`)).toBe(200);
    // Only who has started it gets its token.
    expect(readFileSync(join(here.folder, log), 'utf8')).not.toContain(link.split('#token=')[1]);
    expect((await here.inside('stop', ...at)).code).toBe(0);
    await expect(status(`${url}/readyz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const none = await here.sluice(['serve', 'graphs/none.yaml', '--port', '0', '--detach', ...at]);
    expect([none.code, none.err]).toEqual([3, expect.stringContaining('GRAPH_NOT_FOUND')]);
  });

  it('with --watch deploys what is written into the file: what did not change goes on, and what is wrong runs nowhere', async () => {
    here.write('graphs/watched.yaml', TICKS);
    const { child, ended, saw } = here.start(['serve', 'graphs/watched.yaml', '--port', '0', '--watch']);
    await saw(/ticks runs: /);
    here.write('graphs/watched.yaml', TICKS.replace('core/discard', 'core/print'));
    await saw(/graphs\/watched\.yaml changed: ticks-\d runs with end anew; tick goes on\./);
    here.write('graphs/watched.yaml', TICKS.replace('20ms', 'soon'));
    await saw(/GRAPH_INVALID/);
    here.write('graphs/watched.yaml', TICKS);
    // What flows out of the run before may keep this one from taking its nodes over.
    await saw(/ticks-\d runs with [^]*ticks-\d runs with (tick, )?end anew/);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('names a busy port before anything is started', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const busy = await here.sluice(['serve', 'graphs/good.yaml', '--port', String(port), '--json']);
    other.close();
    expect(busy.code).toBe(4);
    expect(JSON.parse(busy.out)).toMatchObject({
      ok: false,
      error: { code: 'PORT_BUSY', message: expect.stringContaining(String(port)), hint: expect.stringContaining('--port') },
    });
  });
});
