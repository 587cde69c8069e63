import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place({
  'graphs/steady.yaml': `version: 2
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
});

describe('commands that ask a server', () => {
  const rows = (text: string): Record<string, never>[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, never>);

  it('find the one that runs here: top, tap, stop; tokens and the audit are read where it keeps them', async () => {
    const at = ['--state', 'served'];
    const made = JSON.parse((await here.inside('token', 'new', 'ci', '--ttl', '1h', '--json', ...at)).out) as { secret: string };
    const listed = await here.inside('token', 'list', ...at);
    expect(listed.out).toMatch(/ci +read +\d{4}-\d\d-\d\d +until /);
    expect(listed.out).not.toContain(made.secret);

    const { ended, saw } = here.start(['serve', 'graphs/steady.yaml', '--port', '0', ...at]);
    await saw(/steady runs: /);

    const [shown, figures] = [await here.inside('top', '--once', ...at), await here.inside('top', '--once', '--json', ...at)];
    expect([shown.code, shown.out]).toEqual([0, expect.stringMatching(/^ {2}tick\.out -> same\.in +block +0\/64 /m)]);
    expect(shown.out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const [run] = rows(figures.out)[0]!['runs'] as { id: string; nodes: { id: string }[] }[];
    expect(run!.nodes.map(({ id }) => id)).toEqual(['tick', 'same', 'end']);

    const tapped = await here.inside('tap', 'same.out', '--limit', '2', '--hz', '25', ...at);
    expect([tapped.code, tapped.err]).toEqual([0, expect.stringContaining('Tapping same.out')]);
    expect(rows(tapped.out)).toEqual([1, 2].map(() => expect.objectContaining({ v: 1, kind: expect.any(String), meta: {} }) as object));
    const wrong = await here.inside('tap', `${run!.id}/sam.out`, ...at);
    expect([wrong.code, wrong.err]).toEqual([4, expect.stringContaining('Its nodes are tick, same, end.')]);

    expect((await here.inside('runs', 'pause', run!.id, ...at)).out).toContain(`sluice runs resume ${run!.id}`);
    expect(JSON.parse((await here.inside('runs', 'resume', run!.id, '--json', ...at)).out)).toMatchObject({
      ok: true,
      run: { id: run!.id },
    });
    expect((await here.inside('runs', 'pause', 'steady-x', ...at)).err).toContain('RUN_NOT_FOUND');
    const unknown = await here.inside('runs', 'cancel', run!.id, '--scope', 'turn-7', ...at);
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringContaining('SCOPE_UNKNOWN')]);
    expect(await here.inside('runs', 'stop', run!.id, ...at)).toMatchObject({ code: 0, out: `${run!.id} has ended (ok).\n` });
    expect((await here.inside('runs', 'cancel', run!.id, ...at)).err).toContain('RUN_ENDED');

    const refused = await here.inside('stop', '--token', made.secret, ...at);
    expect([refused.code, refused.err]).toEqual([4, expect.stringContaining('SCOPE_MISSING')]);
    expect((await here.inside('token', 'revoke', 'ci', ...at)).code).toBe(0);
    expect((await here.inside('token', 'revoke', 'ci', ...at)).code).not.toBe(0);
    expect((await here.inside('stop', '--token', made.secret, ...at)).err).toContain('TOKEN_INVALID');

    expect(await here.inside('stop', ...at)).toMatchObject({ code: 0, out: expect.stringMatching(/ has ended\.\n$/) });
    expect((await ended).code).toBe(0);
    expect(await here.inside('stop', ...at)).toMatchObject({ code: 4, err: expect.stringContaining('SERVER_NOT_RUNNING') });

    const audit = join(here.folder, 'served/audit/control.jsonl');
    const tail = await here.inside('audit', 'tail', '--action', 'server', '--json', ...at);
    expect(rows(tail.out).map(({ action, status }) => `${String(action)} ${String(status)}`)).toEqual([
      'server.stop denied',
      'server.stop denied',
      'server.stop ok',
    ]);
    expect(await here.inside('audit', 'verify', ...at)).toMatchObject({ code: 0, out: expect.stringContaining('none was changed') });
    writeFileSync(audit, readFileSync(audit, 'utf8').replace('"denied"', '"ok"'));
    expect(await here.inside('audit', 'verify', ...at)).toMatchObject({ code: 1, err: expect.stringContaining('AUDIT_DAMAGED') });
  }, 300_000);
});
