import { Any, Doc, IsDuration, ms, Node, port, type Context, type Packet } from '@sluice/sdk';
import { fakeHttp, marbles, runNode } from '@sluice/testing';
import { debounceTime, type Observable } from 'rxjs';

class CalmConfig {
  @IsDuration() @Doc('How long nothing must come.') for = '10ms';
}
@Node({
  type: 'my/calm',
  kind: 'operator',
  summary: 'The last packet before a pause.',
  config: CalmConfig,
  in: { in: port(Any, 'Anything.') },
  out: { out: port(Any, 'The last before each pause.') },
})
class Calm {
  constructor(private readonly config: CalmConfig) {}
  apply(input: Observable<Packet>, ctx: Context): Observable<Packet> {
    return input.pipe(debounceTime(ms(this.config.for), ctx.scheduler));
  }
}

@Node({
  type: 'my/ask',
  kind: 'transform',
  summary: 'Asks a service.',
  in: { in: port(Any, 'Addresses.') },
  out: { out: port(Any, 'Answers.') },
})
class Ask {
  async process({ payload }: Packet<string>, ctx: Context): Promise<unknown> {
    const answer = await fetch(payload, { signal: ctx.signal });
    if (!answer.ok) throw new Error(`It said ${answer.status}.`);
    return answer.json();
  }
}

it('gives the last one before a pause', async () => {
  await marbles(Calm, { in: 'a-bc 20ms d|', out: '--- 10ms c 11ms (d|)' });
});

it('asks again when the service is down for a moment', async () => {
  await using service = await fakeHttp({ 'GET /price': [{ status: 503 }, { body: { eur: 7 } }] });
  const { payloads, outcomes, took } = await runNode(Ask, {
    inputs: [`${service.url}/price`],
    policies: { retry: { max_attempts: 3, backoff: '10s' } },
  });
  expect(payloads['out']).toEqual([{ eur: 7 }]);
  expect(outcomes).toEqual({ in: ['acked'] });
  expect(service.requests).toHaveLength(2);
  // Ten seconds of backoff, less its jitter: virtual time.
  expect(took).toBeGreaterThan(4_000);
});
