import { IsArray, IsInt, Min } from 'class-validator';
import { Any, Doc, field, IsAny, IsField, Node, port, portType, type Context, type Packet } from '@sluice/sdk';
import { Observable } from 'rxjs';

export class ScoreConfig {
  @IsField() @Doc('What was decided.') predicted = 'payload.anomaly.active';
  @IsField() @Doc('What is true.') label = 'payload.label';
  @IsArray()
  @IsAny()
  @Doc('Values that mean yes, in both; every other value means no, none at all leaves the packet out.')
  positive: unknown[] = [true, 1, '1'];
  @IsInt() @Min(0) @Doc('Sends a summary after every so many packets as well; 0 only at the end.') every = 0;
}

export interface Score {
  readonly packets: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
  /** tp / (tp + fp); null where nothing was decided yes. */
  readonly precision: number | null;
  /** tp / (tp + fn); null where nothing is yes. */
  readonly recall: number | null;
  readonly f1: number | null;
}
export const Score = portType<Score>('core/score@1', { profile: 'json_portable' });

const CELLS = ['tp', 'fp', 'fn', 'tn'] as const;

@Node({
  type: 'core/score',
  kind: 'operator',
  summary: 'Compares decisions with labels and reports precision, recall and F1.',
  doc: 'Counters `tp`, `fp`, `fn`, `tn` and `unlabelled` follow each packet; `precision`, `recall` and `f1` (0 to 1) are brought up to date with every summary. A stream without a single labelled packet gives no summary.',
  config: ScoreConfig,
  in: { in: port(Any, 'Packets with a decision and a label.') },
  out: { summary: port(Score, 'The figures so far, and once more at the end.') },
  examples: [
    { title: 'An anomaly rule on labelled readings', config: {} },
    { title: 'A summary every thousand packets', config: { predicted: 'payload.spam', label: 'payload.truth', every: 1000 } },
  ],
})
export class ScoreNode {
  constructor(private readonly config: ScoreConfig) {}

  apply(input: Observable<Packet>, ctx: Context): Observable<Packet<Score>> {
    const { every } = this.config;
    const predictedOf = field(this.config.predicted);
    const labelOf = field(this.config.label);
    const positive = new Set(this.config.positive);
    return new Observable((out) => {
      const cells = { tp: 0, fp: 0, fn: 0, tn: 0 };
      const shown = { precision: 0, recall: 0, f1: 0 };
      let packets = 0;
      let newest: Packet | undefined;
      const summary = (at: Packet): Packet<Score> => {
        const score = scoreOf(cells);
        for (const name of ['precision', 'recall', 'f1'] as const) {
          // A counter of the run is added to: the difference brings it to the figure.
          ctx.count(name, (score[name] ?? 0) - shown[name]);
          shown[name] = score[name] ?? 0;
        }
        return at.with(score);
      };
      return input.subscribe({
        next: (packet) => {
          const [predicted, label] = [predictedOf(packet), labelOf(packet)];
          if (predicted === undefined || label === undefined) return ctx.count('unlabelled');
          const cell = CELLS[positive.has(predicted) ? (positive.has(label) ? 0 : 1) : positive.has(label) ? 2 : 3]!;
          cells[cell]++;
          ctx.count(cell);
          newest = packet;
          if (++packets % every === 0) out.next(summary(packet));
        },
        error: (error: unknown) => out.error(error),
        complete: () => {
          if (newest !== undefined && !(every > 0 && packets % every === 0)) out.next(summary(newest));
          out.complete();
        },
      });
    });
  }
}

function scoreOf({ tp, fp, fn, tn }: Readonly<Record<(typeof CELLS)[number], number>>): Score {
  const ratio = (part: number, of: number): number | null => (of === 0 ? null : part / of);
  return {
    packets: tp + fp + fn + tn,
    tp,
    fp,
    fn,
    tn,
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
  };
}
