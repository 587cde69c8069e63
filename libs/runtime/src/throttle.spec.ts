import { inVirtualTime } from '../test/virtual';
import { budget } from './throttle';

const source = (config: object) => ({ type: 't/source', config });
const graph = (sources: Record<string, object>) => ({
  version: 2,
  name: 'g',
  nodes: { ...sources, end: { type: 't/sink' } },
  edges: Object.keys(sources).map((id) => `${id} -> end`),
});

describe('a budget', () => {
  const FAST = source({ count: 1_000_000 });
  const SHORT = source({ count: 3 });
  const SLOW = source({ count: 1000, gap: 7 });

  it.each([0, 1, 2, 7, 1000])('of %i packets is what the sources give together, to the packet', async (packets) => {
    for (const sources of [{ FAST }, { SLOW }, { FAST, SHORT }, { SLOW, SHORT, SLOWER: source({ count: 1000, gap: 50 }) }]) {
      const { report } = await inVirtualTime(graph(sources), { start: { throttle: budget({ packets }) } });
      expect([report.metrics['packets.source_emitted_total'], report.status]).toEqual([packets, 'ok']);
    }
  });

  it('of time ends what paces itself', async () => {
    const { report, took } = await inVirtualTime(graph({ SLOW }), { start: { throttle: budget({ time: '70ms' }) } });
    expect(report.metrics['packets.source_emitted_total']).toBe(10);
    expect(took).toBeLessThan(100);
  });
});
