import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countersOf, runShipped, unbalanced } from './testing/shipped';

describe('sensor-watch', () => {
  it('finds what was disturbed by hand, says how often it was right, and loses nothing', async () => {
    await runShipped('sensor-watch.yaml', {}, ({ figures, status, reasons, folder }) => {
      expect([status, reasons]).toEqual(['ok', []]);
      const score = countersOf(figures, 'score');
      expect((score['tp'] ?? 0) + (score['fp'] ?? 0) + (score['fn'] ?? 0) + (score['tn'] ?? 0)).toBe(9600);
      expect((score['tp'] ?? 0) + (score['fn'] ?? 0)).toBe(149);
      expect(score['precision']).toBeGreaterThanOrEqual(0.95);
      expect(score['recall']).toBeGreaterThanOrEqual(0.95);
      expect(unbalanced(figures)).toEqual([]);
      const lines = (file: string) =>
        readFileSync(join(folder, 'out', file), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as { kind: string }).kind);
      expect(lines('anomalies.jsonl')).toEqual(Array(countersOf(figures, 'log')['lines']).fill('anomaly'));
      // Sixty readings of one mote are one average.
      expect(lines('averages.jsonl')).toEqual(Array(9600 / 60).fill('window'));
    });
  }, 60_000);
});
