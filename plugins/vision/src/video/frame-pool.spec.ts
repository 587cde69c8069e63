import * as fc from 'fast-check';
import { FramePool } from './frame-pool';

describe('FramePool', () => {
  it('allocates only what is in use at one time and uses it again', async () => {
    const pool = new FramePool(12, 8);
    const a = await pool.take();
    const b = await pool.take();
    expect(a.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(a).toHaveLength(12);
    pool.give(a);
    expect(await pool.take()).toBe(a);
    pool.give(a);
    pool.give(b);
    expect([pool.allocated, pool.used]).toEqual([2, 0]);
  });

  it('waits at its limit until a buffer comes back, in the order of asking', async () => {
    const pool = new FramePool(4, 1);
    const held = await pool.take();
    const order: string[] = [];
    const first = pool.take().then((buffer) => (order.push('first'), buffer));
    const second = pool.take().then((buffer) => (order.push('second'), buffer));
    await Promise.resolve();
    expect(order).toEqual([]);
    pool.give(held);
    pool.give(await first);
    expect(await second).toBe(held);
    expect(order).toEqual(['first', 'second']);
    expect(pool.allocated).toBe(1);
  });

  it('counts a buffer that comes back twice once', async () => {
    const pool = new FramePool(4, 2);
    const buffer = await pool.take();
    pool.give(buffer);
    pool.give(buffer);
    expect(await pool.take()).not.toBe(await pool.take());
    expect([pool.used, pool.allocated]).toEqual([2, 2]);
  });

  it('stops waiting when aborted, and the buffer goes to the next', async () => {
    const pool = new FramePool(4, 1);
    const held = await pool.take();
    const stop = new AbortController();
    const refused = pool.take(stop.signal);
    const next = pool.take();
    stop.abort(new Error('stopped'));
    await expect(refused).rejects.toThrow('stopped');
    pool.give(held);
    expect(await next).toBe(held);
  });

  it('never exceeds its limit and always balances', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(fc.boolean(), { maxLength: 60 }), async (limit, steps) => {
        const pool = new FramePool(1, limit);
        const held: Uint8Array<SharedArrayBuffer>[] = [];
        for (const take of steps) {
          if (take && held.length < limit) held.push(await pool.take());
          else if (!take && held.length > 0) pool.give(held.shift()!);
          expect(pool.used).toBe(held.length);
          expect(new Set(held).size).toBe(held.length);
          expect(pool.allocated).toBeLessThanOrEqual(limit);
        }
      }),
    );
  });
});
