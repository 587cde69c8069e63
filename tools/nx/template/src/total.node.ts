import { IsInt, Max, Min } from 'class-validator';
import { bufferCount, filter, map, type Observable } from 'rxjs';
import { Doc, Node, port, type Packet } from '@sluice/sdk';
import { Value } from './value';

export class TotalConfig {
  @IsInt() @Min(1) @Max(1000) @Doc('How many numbers are added up.') count = 2;
}

@Node({
  type: 'sample/total',
  kind: 'operator',
  summary: 'Adds up so many numbers at a time; what is left at the end, too.',
  doc: 'What is no number is passed over.',
  config: TotalConfig,
  in: { in: port(Value, 'Numbers.') },
  out: { out: port(Value, 'The sum of each group.') },
  examples: [{ title: 'By the dozen', config: { count: 12 } }],
})
export class TotalNode {
  constructor(private readonly config: TotalConfig) {}

  apply(input: Observable<Packet<number>>): Observable<number> {
    return input.pipe(
      map(({ payload }) => payload),
      filter((payload) => Number.isFinite(payload)),
      // Bounded: a group is never larger than its count.
      bufferCount(this.config.count),
      map((group) => group.reduce((sum, n) => sum + n, 0)),
    );
  }
}
