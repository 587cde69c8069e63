import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './main';

const BIN = join(__dirname, '..', 'bin', 'sluice.js');
jest.setTimeout(60_000);

let folder: string;
const running = new Set<ChildProcess>();

const GRAPHS = {
  'good.yaml': `version: 2
name: good
params:
  n: { type: integer, default: 3 }
nodes:
  numbers:
    type: core/values
    config: { items: [1, 2, 3], repeat: "\${params.n}" }
  end:
    type: core/discard
edges:
  - numbers -> end
`,
  'bad.yaml': `version: 2
name: bad
nodes:
  tick:
    type: core/interval
    config: { evry: 1s }
  end:
    type: core/discrad
edges:
  - tick -> end
`,
  'warned.yaml': `version: 2
name: warned
nodes:
  numbers:
    type: core/values
    config: { items: [1] }
  same:
    type: core/identity
edges:
  - numbers -> same
`,
  'pipe.yaml': `version: 2
name: pipe
inputs:
  numbers: { type: sluice/any@1, to: same }
outputs:
  doubled: { type: sluice/any@1, from: same }
nodes:
  same:
    type: core/identity
`,
  'seen.yaml': `version: 2
name: seen
inputs:
  numbers: { type: sluice/any@1, to: same }
outputs:
  picture: { type: sluice/image@1, from: same }
  doubled: { type: sluice/any@1, from: same }
nodes:
  same:
    type: core/identity
`,
  // Without end and as fast as it goes.
  'load.yaml': `version: 2
name: load
nodes:
  numbers:
    type: core/values
    config: { items: [1, 2, 3], repeat: 0 }
  many:
    type: core/burst
  end:
    type: core/discard
edges:
  - numbers -> many
  - many -> end
`,
  'logged.yaml': `version: 2
name: logged
nodes:
  numbers:
    type: core/values
    config: { items: [1] }
  log:
    type: io/jsonl-out
    config: { path: out/log.jsonl }
edges:
  - numbers -> log
`,
  // Tells its secrets wherever it can.
  'leaky.yaml': `version: 2
name: leaky
params:
  key: { type: string, default: none, secret: true }
outputs:
  said: { type: sluice/any@1, from: same }
nodes:
  words:
    type: core/values
    config: { items: ["\${secret.PASS}", "\${params.key}"] }
  same:
    type: core/identity
  print:
    type: core/print
  post:
    type: io/http-out
    config: { url: "http://127.0.0.1:1/\${secret.TOKEN}" }
edges:
  - words -> same
  - words -> print
  - words -> post
`,
  'steady.yaml': `version: 2
name: steady
nodes:
  tick:
    type: core/interval
    config: { every: 20ms }
  same:
    type: core/identity
  end:
    type: core/discard
edges:
  - tick -> same
  - same -> end
`,
  // What waits here outlives every drain.
  'slow.yaml': `version: 2
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
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  mkdirSync(join(folder, 'graphs', 'presets'), { recursive: true });
  for (const [name, text] of Object.entries(GRAPHS)) writeFileSync(join(folder, 'graphs', name), text);
  writeFileSync(join(folder, 'graphs', 'good.test.yaml'), 'no: graph\n');
  writeFileSync(join(folder, 'graphs', 'presets', 'busy.yaml'), 'graph: ../load.yaml\n');
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, env: { ...process.env, NO_COLOR: '1', ...env } });
  running.add(child);
  let [out, err] = ['', ''];
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    for (const watcher of watchers) watcher();
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<Ended>((done) =>
    child.once('close', (code) => {
      running.delete(child);
      done({ code, out, err });
    }),
  );
  const saw = (text: RegExp): Promise<RegExpExecArray> =>
    new Promise((done, fail) => {
      const look = (): void => {
        const match = text.exec(out) ?? text.exec(err);
        if (match !== null) done(match);
      };
      watchers.add(look);
      void ended.then(() => fail(new Error(`ended without ${text}: ${out}${err}`)));
      look();
    });
  return { child, ended, saw };
}

function sluice(args: readonly string[], input = ''): Promise<Ended> {
  const { child, ended } = start(args);
  child.stdin.end(input);
  return ended;
}

/** The same in this process: for commands that only read and print. */
async function inside(args: readonly string[]): Promise<Ended> {
  const home = process.cwd();
  const written = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name === 'stdout' ? 'out' : 'err'] += String(chunk);
      return true;
    }),
  );
  process.chdir(folder);
  try {
    return { code: await runCommand(args), ...written };
  } finally {
    process.chdir(home);
    for (const spy of spies) spy.mockRestore();
  }
}

async function insideAll<const C extends readonly (readonly string[])[]>(...commands: C): Promise<{ [K in keyof C]: Ended }> {
  const all: Ended[] = [];
  for (const args of commands) all.push(await inside(args));
  return all as { [K in keyof C]: Ended };
}

describe('validate', () => {
  it('prints every finding with its lines, and says how many', async () => {
    const [good, bad, warned, denied, json] = await insideAll(
      ['validate', 'graphs/good.yaml'],
      ['validate', 'graphs/bad.yaml', 'graphs/good.yaml'],
      ['validate', 'graphs/warned.yaml'],
      ['validate', 'graphs/w*.yaml', '--deny-warnings'],
      ['validate', 'graphs', '--json'],
    );
    expect(good).toEqual({ code: 0, out: '1 graph: 0 errors, 0 warnings\n', err: '' });
    expect(bad).toMatchObject({ code: 3, out: '2 graphs: 2 errors, 0 warnings\n' });
    expect(bad.err).toContain('graphs/bad.yaml:6:15 error CONFIG_UNKNOWN_KEY');
    expect(bad.err).toContain('    |               ^\n  hint: Did you mean `every`?');
    expect(bad.err).toContain('Did you mean `core/discard`?');
    expect([warned.code, denied.code]).toEqual([0, 3]);
    const report = JSON.parse(json.out);
    expect(report).toMatchObject({ ok: false, errors: 4, warnings: 2 });
    // Tests and presets are no graphs; `leaky` lacks its secrets.
    expect(report.graphs.map(({ file }: { file: string }) => file)).toEqual(
      ['bad', 'good', 'leaky', 'load', 'logged', 'pipe', 'seen', 'slow', 'steady', 'warned'].map((name) => `graphs/${name}.yaml`),
    );
    expect(json.err).toBe('');
  });
});

describe('what is typed wrongly', () => {
  it('is exit 2 with what was meant, and a graph that is none is exit 3; never a stack', async () => {
    const all = await insideAll(
      ['valdate', 'x'],
      ['run', 'graphs/good.yaml', '--set', 'n'],
      ['serve', 'graphs/good.yaml', '--host', '0.0.0.0', '--port', '0'],
      ['nodes', 'show', 'core/prnt'],
      ['run', 'graphs/godo.yaml'],
      ['run', 'graphs'],
      ['serve', '--preset', 'bsy', '--port', '0'],
      ['assets', 'stage', '--restage-modles', '--dry-run'],
    );
    expect(all.map(({ code }) => code)).toEqual([2, 2, 2, 2, 3, 3, 2, 2]);
    const said = [
      "error USAGE_INVALID: unknown command 'valdate' (Did you mean validate?)",
      'USAGE_INVALID',
      'HOST_NOT_LOCAL',
      'Did you mean core/print?',
      'GRAPH_NOT_FOUND',
      'GRAPH_IS_FOLDER',
      'Did you mean busy?',
      'ASSET_CATEGORY_UNKNOWN',
    ];
    for (const [i, text] of said.entries()) {
      expect(all[i]!.err).toContain(text);
      expect(all[i]!.err).not.toMatch(/\n\s+at /);
    }
  });
});

describe('run', () => {
  it('feeds inputs from JSON lines and prints outputs as JSON lines', async () => {
    const { code, out } = await sluice(['run', 'graphs/pipe.yaml', '--json'], '{"a":1}\n\n2\n');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.slice(0, 2)).toEqual([
      { output: 'doubled', payload: { a: 1 } },
      { output: 'doubled', payload: 2 },
    ]);
    expect(lines[2].report).toMatchObject({ status: 'ok', engine: 'sluice' });
    expect(code).toBe(0);
  });

  it('prints no pictures', async () => {
    const { code, out } = await sluice(['run', 'graphs/seen.yaml'], '1\n2\n');
    expect({ code, out }).toEqual({ code: 0, out: '{"output":"doubled","payload":1}\n{"output":"doubled","payload":2}\n' });
  });

  it('stops at limits, sets parameters, and has an exit code for what went wrong', async () => {
    const [limited, timed, wrong, empty, broken] = await Promise.all([
      sluice(['run', 'graphs/load.yaml', '--max-packets', '50', '--report', 'json']),
      sluice(['run', 'graphs/load.yaml', '--for', '50ms']),
      sluice(['run', 'graphs/good.yaml', '--set', 'n=many']),
      sluice(['run', 'graphs/pipe.yaml', '--expect-output']),
      sluice(['run', 'graphs/pipe.yaml'], '1\n{broken\n'),
    ]);
    expect(JSON.parse(limited.out).metrics).toMatchObject({ 'node.numbers.produced': 50, 'node.many.consumed': 50 });
    expect([limited.code, timed.code]).toEqual([0, 0]);
    expect(timed.err).toMatch(/^load ok in [\d.]+ m?s\n {2}numbers +\d+ out\n {2}many +\d+ in +\d+ out\n {2}end +\d+ in\n$/);
    expect([wrong.code, wrong.err]).toEqual([3, expect.stringContaining('GRAPH_PARAM_VALUE')]);
    expect([empty.code, empty.err]).toEqual([5, expect.stringContaining('OUTPUT_EMPTY')]);
    expect([broken.code, broken.out, broken.err]).toEqual([
      3,
      '{"output":"doubled","payload":1}\n',
      expect.stringContaining('Line 2 of standard input is not JSON'),
    ]);
  });
});

describe('a run that cannot start', () => {
  it('says why and what to do, exits 4, and shows a stack only with --debug', async () => {
    // A file where the folder should be: what no user, root included, may write into.
    writeFileSync(join(folder, 'out'), '');
    const [plain, debug] = await Promise.all([sluice(['run', 'graphs/logged.yaml']), sluice(['run', 'graphs/logged.yaml', '--debug'])]);
    expect([plain.code, debug.code]).toEqual([4, 4]);
    expect(plain.err).toMatch(/error FILE_\w+: .*log\.jsonl.*\n  hint: /);
    expect(plain.err).not.toMatch(/\n\s+at /);
    expect(debug.err).toMatch(/\n\s+at /);
  });
});

describe('plan, draw, nodes, schema', () => {
  it('print data on stdout', async () => {
    const [hash, shown, drawn, node, schema, chain, waits, explained] = await insideAll(
      ['plan', 'hash', 'graphs/good.yaml', '--set', 'n=4'],
      ['plan', 'show', 'graphs/good.yaml', '--explain', '--json', '--set', 'n=4'],
      ['draw', 'graphs/good.yaml', '--format', 'dot'],
      ['nodes', 'show', 'core/values', '--json'],
      ['schema'],
      ['plan', 'show', 'graphs/good.yaml', '--chain'],
      ['plan', 'show', 'graphs/load.yaml', '--chain', '--json'],
      ['plan', 'show', 'graphs/good.yaml', '--explain', '--set', 'n=4'],
    );
    const { plan, params } = JSON.parse(shown.out);
    expect(hash.out).toBe(`${plan.hash}\n`);
    expect([plan.nodes[0].config.repeat, params.n]).toEqual([4, expect.objectContaining({ value: 4, layer: 'flag' })]);
    expect(drawn.out).toMatch(/^digraph/);
    expect(chain.out).toContain('\nchain\n  source(numbers)\n  direct(numbers.out->end.in) | segment(end)\n');
    expect(JSON.parse(waits.out).chain).toContain('edge(many.out->end.in, block 64) | segment(end)');
    expect(explained.out).toMatch(/\n {2}params\.n +flag +4\n/);
    expect(JSON.parse(node.out).node.config.properties.items).toBeDefined();
    expect(JSON.parse(schema.out)).toMatchObject({ type: 'object' });
  });
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
    const { child, ended, saw } = start(['serve', '--preset', 'busy', '--port', '0']);
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
    const { child, ended, saw } = start(['serve', 'graphs/slow.yaml', '--port', '0', '--json']);
    const url = (await saw(/"url":"([^"]+)"/))[1]!;
    // Nothing taken yet would be nothing to drain.
    while (!/node_packets_total\{.*node="wait",direction="in"\} [1-9]/.test(await text(`${url}/metrics`)));
    child.kill('SIGINT');
    // The second one must not be an echo of the first.
    await new Promise((done) => setTimeout(done, 600));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });

  it('names a busy port before anything is started', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const busy = await sluice(['serve', 'graphs/good.yaml', '--port', String(port), '--json']);
    other.close();
    expect(busy.code).toBe(4);
    expect(JSON.parse(busy.out)).toMatchObject({
      ok: false,
      error: { code: 'PORT_BUSY', message: expect.stringContaining(String(port)), hint: expect.stringContaining('--port') },
    });
  });
});

describe('commands that ask a server', () => {
  const rows = (text: string): Record<string, never>[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, never>);

  it('find the one that runs here: top, tap, stop; tokens and the audit are read where it keeps them', async () => {
    const at = ['--state', 'served'];
    const made = JSON.parse((await inside(['token', 'new', 'ci', '--ttl', '1h', '--json', ...at])).out) as { secret: string };
    const listed = await inside(['token', 'list', ...at]);
    expect(listed.out).toMatch(/ci +read +\d{4}-\d\d-\d\d +until /);
    expect(listed.out).not.toContain(made.secret);

    const { ended, saw } = start(['serve', 'graphs/steady.yaml', '--port', '0', ...at]);
    await saw(/steady runs: /);

    const [shown, figures] = [await inside(['top', '--once', ...at]), await inside(['top', '--once', '--json', ...at])];
    expect([shown.code, shown.out]).toEqual([0, expect.stringMatching(/^ {2}tick\.out -> same\.in +block +0\/64 /m)]);
    expect(shown.out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const [run] = rows(figures.out)[0]!['runs'] as { id: string; nodes: { id: string }[] }[];
    expect(run!.nodes.map(({ id }) => id)).toEqual(['tick', 'same', 'end']);

    const tapped = await inside(['tap', 'same.out', '--limit', '2', '--hz', '25', ...at]);
    expect([tapped.code, tapped.err]).toEqual([0, expect.stringContaining('Tapping same.out')]);
    expect(rows(tapped.out)).toEqual([1, 2].map(() => expect.objectContaining({ v: 1, kind: expect.any(String), meta: {} }) as object));
    const wrong = await inside(['tap', `${run!.id}/sam.out`, ...at]);
    expect([wrong.code, wrong.err]).toEqual([4, expect.stringContaining('Its nodes are tick, same, end.')]);

    expect((await inside(['runs', 'pause', run!.id, ...at])).out).toContain(`sluice runs resume ${run!.id}`);
    expect(JSON.parse((await inside(['runs', 'resume', run!.id, '--json', ...at])).out)).toMatchObject({ ok: true, run: { id: run!.id } });
    expect((await inside(['runs', 'pause', 'steady-x', ...at])).err).toContain('RUN_NOT_FOUND');
    const unknown = await inside(['runs', 'cancel', run!.id, '--scope', 'turn-7', ...at]);
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining('SCOPE_UNKNOWN')]);
    expect(await inside(['runs', 'stop', run!.id, ...at])).toMatchObject({ code: 0, out: `${run!.id} has ended (ok).\n` });
    expect((await inside(['runs', 'cancel', run!.id, ...at])).err).toContain('RUN_ENDED');

    const refused = await inside(['stop', '--token', made.secret, ...at]);
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('SCOPE_MISSING')]);
    expect((await inside(['token', 'revoke', 'ci', ...at])).code).toBe(0);
    expect((await inside(['token', 'revoke', 'ci', ...at])).code).not.toBe(0);
    expect((await inside(['stop', '--token', made.secret, ...at])).err).toContain('TOKEN_INVALID');

    expect(await inside(['stop', ...at])).toMatchObject({ code: 0, out: expect.stringMatching(/ has ended\.\n$/) });
    expect((await ended).code).toBe(0);
    expect(await inside(['stop', ...at])).toMatchObject({ code: 4, err: expect.stringContaining('SERVER_NOT_RUNNING') });

    const audit = join(folder, 'served/audit/control.jsonl');
    const tail = await inside(['audit', 'tail', '--action', 'server', '--json', ...at]);
    expect(rows(tail.out).map(({ action, status }) => `${String(action)} ${String(status)}`)).toEqual([
      'server.stop denied',
      'server.stop denied',
      'server.stop ok',
    ]);
    expect(await inside(['audit', 'verify', ...at])).toMatchObject({ code: 0, out: expect.stringContaining('none was changed') });
    writeFileSync(audit, readFileSync(audit, 'utf8').replace('"denied"', '"ok"'));
    expect(await inside(['audit', 'verify', ...at])).toMatchObject({ code: 1, err: expect.stringContaining('AUDIT_DAMAGED') });
  }, 300_000);
});

describe('assets', () => {
  it('are listed as the lock file has them, and compared with it', async () => {
    const [list, one, none] = await insideAll(
      ['assets', 'list', '--json'],
      ['assets', 'verify', 'nanodet'],
      ['assets', 'verify', 'nanodte'],
    );
    const { assets } = JSON.parse(list.out) as { assets: { name: string; state: string }[] };
    expect(assets.find(({ name }) => name === 'nanodet')).toMatchObject({ category: 'model', licence: 'Apache-2.0', state: 'shipped' });
    expect([one.code, one.out]).toEqual([0, expect.stringMatching(/^nanodet +model +7\.3 MB +Apache-2\.0 +shipped\n$/)]);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('ASSET_UNKNOWN')]);
  });
});

describe('doctor', () => {
  it('says what it found with a remedy for what is missing', async () => {
    const { code, out } = await inside(['doctor', '--for', 'core', '--port', '0', '--json']);
    expect(code).toBe(0);
    const { findings, next_action } = JSON.parse(out);
    expect(findings.map(({ check }: { check: string }) => check)).toEqual(['port', 'node', 'folder', 'assets']);
    const staged = findings.every(({ state }: { state: string }) => state === 'ok');
    expect(next_action).toBe(staged ? 'sluice serve' : 'sluice doctor --for core --fix');
  });
});

describe('secrets', () => {
  it('are in nothing that a command writes: no log, figure, output, print of a node, stack or fault', async () => {
    const env = { SLUICE_SECRET_PASS: 'hunter2 with words', SLUICE_SECRET_TOKEN: 'letmein-99', SLUICE_LOG: 'debug' };
    const key = ['--set', 'key=opensesame7'];
    const graph = 'graphs/leaky.yaml';
    const all: Ended[] = [];
    for (const args of [
      ['run', graph, '--debug'],
      ['run', graph, '--json'],
      ['plan', 'show', graph, '--explain'],
    ]) {
      const { child, ended } = start([...args, ...key], env);
      child.stdin.end();
      all.push(await ended);
    }
    const { child, ended, saw } = start(['serve', graph, '--port', '0', ...key], env);
    await saw(/post.*\*\*\*/);
    child.kill('SIGTERM');
    all.push(await ended);
    const text = all.map(({ out, err }) => out + err).join('\n');
    expect(text).toContain('***');
    expect(text.split('\n').filter((line) => /hunter2|with words|letmein-99|opensesame7/.test(line))).toEqual([]);
  });
});

describe('completion', () => {
  it('knows the commands, options and choices of each place', async () => {
    const { out, code } = await inside(['completion', 'bash']);
    expect(code).toBe(0);
    const complete = (line: string): string[] => {
      const words = line.split(' ');
      const script = `${out}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _sluice; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
    };
    expect(complete('sluice va')).toEqual(['validate']);
    expect(complete('sluice runs l')).toEqual(['list']);
    expect(complete('sluice serve --deta')).toEqual(['--detach']);
    expect(complete('sluice doctor --for we')).toEqual(['webcam']);
    expect((await inside(['completion', 'fish'])).out).toMatch(/^complete -c sluice -n '.*' -f -a serve -d /m);
    expect((await inside(['completion', 'tcsh'])).code).toBe(2);
  });
});

describe('help', () => {
  it('fits a terminal of 80 columns and shows how each command is used', async () => {
    const commands = ['serve', 'run', 'validate', 'plan show', 'plan hash', 'draw', 'nodes list', 'nodes show', 'schema', 'assets stage'];
    const pages = await insideAll(['--help'], ...commands.map((command) => [...command.split(' '), '--help']));
    expect(pages.flatMap(({ out }) => out.split('\n')).filter((line) => line.length > 80)).toEqual([]);
    for (const [at, command] of commands.entries()) {
      expect(pages[at + 1]).toMatchObject({ code: 0, out: expect.stringContaining(`\nExamples:\n  sluice ${command} `) });
    }
  });
});

it('is the binary that says its version and refuses an unknown command', async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'));
  const [said, unknown] = await Promise.all([sluice(['--version']), sluice(['valdate'])]);
  expect(said).toEqual({ code: 0, out: `${version}\n`, err: '' });
  expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Did you mean validate?')]);
});
