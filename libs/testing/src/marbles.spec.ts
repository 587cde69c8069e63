import { Any, Doc, IsDuration, ms, Node, port, type Context, type Packet } from '@sluice/sdk';
import { bufferTime, debounceTime, filter, map, type Observable } from 'rxjs';
import { fakeHttp, given, marbles, runNode } from '.';

class CalmConfig {
  @IsDuration() @Doc('How long nothing must come.') for = '10ms';
}
@Node({
  type: 'x/calm',
  kind: 'operator',
  summary: 'The last packet before a pause.',
  config: CalmConfig,
  in: { in: port(Any, 'A.') },
  out: { out: port(Any, 'B.') },
})
class Calm {
  constructor(private readonly config: CalmConfig) {}
  apply(input: Observable<Packet>, ctx: Context): Observable<Packet> {
    return input.pipe(debounceTime(ms(this.config.for), ctx.scheduler));
  }
}
@Node({ type: 'x/each-second', kind: 'operator', summary: 'Counts.', in: { in: port(Any, 'A.') }, out: { out: port(Any, 'B.') } })
class EachSecond {
  apply(input: Observable<Packet>, ctx: Context): Observable<Packet> {
    return input.pipe(
      bufferTime(1_000, undefined, 100, ctx.scheduler),
      filter((list) => list.length > 0),
      map((list) => list.at(-1)!.with({ n: list.length, last: list.at(-1)!.payload })),
    );
  }
}
@Node({ type: 'x/ask', kind: 'transform', summary: 'Asks.', in: { in: port(Any, 'A.') }, out: { out: port(Any, 'B.') } })
class Ask {
  async process({ payload }: Packet<string>, ctx: Context): Promise<unknown> {
    const answer = await fetch(payload, { method: 'POST', body: '{"a":1}', signal: ctx.signal });
    if (!answer.ok) throw new Error(`It said ${answer.status}.`);
    return answer.json();
  }
}

describe('marbles', () => {
  it('say what comes and when, and what must go out', async () => {
    await marbles(Calm, { in: 'a-bc 20ms d 20ms |', out: '--- 10ms c 20ms d 10ms |' });
    await marbles(EachSecond, {
      in: '(ab) 1500ms c 900ms |',
      out: '1s x 999ms y 404ms |',
      values: { a: 1, b: given({ payload: 2, source_id: 'left' }), x: { n: 2, last: 2 }, y: { n: 1 } },
    });
  });

  it('show both where they differ, with moments', async () => {
    await expect(marbles(Calm, { in: 'ab|', out: 'a|' })).rejects.toMatchObject({
      code: 'TEST_MARBLES',
      message: expect.stringMatching(/out:\n- 0ms a: "a"\n\+ 2ms b: "b"\n- ends at 1ms\n\+ ends at 2ms/) as unknown,
    });
  });
});

describe('a fake HTTP server', () => {
  it('answers in turn and keeps what it was asked; virtual time stands still meanwhile', async () => {
    await using http = await fakeHttp({ 'POST /events': [{ status: 503 }, { body: { ok: true } }], 'POST /cut': { cut: true } });
    const { payloads, took } = await runNode(Ask, {
      inputs: [`${http.url}/events?x=1`, `${http.url}/cut`, `${http.url}/nowhere`],
      policies: { retry: { max_attempts: 2, backoff: '10s' }, timeout: '5s' },
    });
    expect(payloads['out']).toEqual([{ ok: true }]);
    expect(payloads['error']).toMatchObject([{ payload: `${http.url}/cut` }, { message: 'It said 404.' }]);
    expect(http.requests.slice(0, 2)).toMatchObject([
      { method: 'POST', path: '/events?x=1', body: '{"a":1}' },
      { method: 'POST', path: '/events?x=1' },
    ]);
    expect(took).toBeLessThan(60_000);
  });
});
