import { IsInt, Min } from 'class-validator';
import { Doc, IsDuration, ms, Node, port, type Context } from '@sluice/sdk';
import { Value } from './value';

export class NumbersConfig {
  @IsDuration() @Doc('Time between two numbers.', { examples: ['1s'] }) every = '100ms';
  @IsInt() @Min(1) @Doc('Ends after so many.') count = 10;
}

@Node({
  type: 'sample/numbers',
  kind: 'source',
  summary: 'Counts from 1.',
  config: NumbersConfig,
  out: { out: port(Value, 'The next number.') },
  examples: [{ title: 'Three, one a second', config: { every: '1s', count: 3 } }],
})
export class NumbersNode {
  constructor(private readonly config: NumbersConfig) {}

  async *read(ctx: Context): AsyncGenerator<number, void> {
    for (let n = 1; n <= this.config.count; n++) {
      // Time comes from the context: tests do not wait, and a cancel ends it at once.
      await ctx.sleep(ms(this.config.every));
      yield n;
    }
  }
}
