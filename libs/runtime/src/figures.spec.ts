import { Latency } from './figures';

describe('latency', () => {
  it('counts calls up to each bound, with their sum', () => {
    const latency = new Latency();
    for (const ms of [0.0004, 0.05, 0.2, 3, 3, 40, 20_000]) latency.record(ms);
    const { bounds_ms, counts, sum_ms, count } = latency.histogram();
    const upTo = Object.fromEntries(bounds_ms.map((bound, at) => [bound, counts[at]]));
    expect(upTo).toMatchObject({ 0.1: 2, 0.25: 3, 2.5: 3, 5: 5, 25: 5, 50: 6, 10_000: 6 });
    expect([count, sum_ms]).toEqual([7, expect.closeTo(20_046.2504)]);
  });

  it('never counts more calls under a bound than took so long, and at most one step fewer', () => {
    for (let power = -3; power < 4.2; power += 0.013) {
      const ms = 10 ** power;
      const latency = new Latency();
      latency.record(ms);
      const { bounds_ms, counts } = latency.histogram();
      for (const [at, bound] of bounds_ms.entries()) {
        if (ms > bound) expect([ms, bound, counts[at]]).toEqual([ms, bound, 0]);
        if (ms < bound / 1.125) expect([ms, bound, counts[at]]).toEqual([ms, bound, 1]);
      }
    }
  });

  it('has all bounds before the first call', () => {
    const { bounds_ms, counts, sum_ms, count } = new Latency().histogram();
    expect([counts.length, Math.max(...counts), sum_ms, count]).toEqual([bounds_ms.length, 0, 0, 0]);
  });
});
