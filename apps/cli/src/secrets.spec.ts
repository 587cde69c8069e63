import { type Ended, place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place({
  'graphs/leaky.yaml': `version: 2
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
      const { child, ended } = here.start([...args, ...key], env);
      child.stdin.end();
      all.push(await ended);
    }
    const { child, ended, saw } = here.start(['serve', graph, '--port', '0', ...key], env);
    await saw(/post.*\*\*\*/);
    child.kill('SIGTERM');
    all.push(await ended);
    const text = all.map(({ out, err }) => out + err).join('\n');
    expect(text).toContain('***');
    expect(text.split('\n').filter((line) => /hunter2|with words|letmein-99|opensesame7/.test(line))).toEqual([]);
  });
});
