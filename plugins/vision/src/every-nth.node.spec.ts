import { makeConfig } from '@sluice/sdk';
import { EveryNthConfig, EveryNthNode } from './every-nth.node';
import { fakeContext, packet } from './testing/context';
import { frame } from './testing/frame';

describe('vision/every-nth', () => {
  it.each([
    [{}, [0, 1, 2, 3, 4, 5, 6, 7]],
    [{ every_n: 3 }, [0, 3, 6]],
    [{ every_n: 3, offset: 1 }, [1, 4, 7]],
  ])('%j keeps %j', (config, kept) => {
    const ctx = fakeContext();
    const node = new EveryNthNode(makeConfig(EveryNthConfig, config));
    const numbers = [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => node.process(packet(frame(i), 'frames'), ctx) !== undefined);
    expect(numbers).toEqual(kept);
    expect((ctx.counters['kept'] ?? 0) + (ctx.counters['dropped'] ?? 0)).toBe(8);
  });

  it('goes by the number of the frame, not by counting, and passes the packet itself', () => {
    const node = new EveryNthNode(makeConfig(EveryNthConfig, { every_n: 5 }));
    const given = packet(frame(10), 'frames');
    expect(node.process(given, fakeContext())).toBe(given);
    expect(node.process(packet(frame(11), 'frames'), fakeContext())).toBeUndefined();
  });
});
