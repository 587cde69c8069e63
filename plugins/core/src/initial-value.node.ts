import { IsInt, Min } from 'class-validator';
import { Any, Doc, hop, IsAny, Node, port, release, type Packet } from '@sluice/sdk';
import { Observable } from 'rxjs';

export class InitialValueConfig {
  @IsAny() @Doc('Payload of the first packet.', { examples: [0, { state: 'idle' }] }) value: unknown = null;
  @IsInt() @Min(1) @Doc('How often a packet may come by where this closes a cycle; the next time it fails with HOP_LIMIT.') max_hops =
    1_000;
}

@Node({
  type: 'core/initial-value',
  kind: 'operator',
  delivery: 'explicit',
  summary: 'Sends one packet when the run starts, then passes on what comes.',
  doc: 'It may close a cycle: what goes round has something to begin with. How often a packet came by is counted in `meta.hops`, here and in core/delay.',
  config: InitialValueConfig,
  in: { in: port(Any, 'Anything.', { optional: true }) },
  out: { out: port(Any, 'The first value, then the packets that come in.') },
  examples: [{ title: 'A counter that begins at 0', config: { value: 0 } }],
})
export class InitialValueNode {
  private sent = false;

  constructor(private readonly config: InitialValueConfig) {}

  apply(input: Observable<Packet>): Observable<unknown> {
    const { value, max_hops } = this.config;
    return new Observable((out) => {
      // A fault starts it anew; what begins a cycle must not begin it twice.
      if (!this.sent) out.next(value);
      this.sent = true;
      return input.subscribe({
        next: (packet) => {
          try {
            out.next(hop(packet, max_hops));
          } catch (error) {
            release(packet, 'nacked', error);
            out.error(error);
          }
        },
        error: (error: unknown) => out.error(error),
        complete: () => out.complete(),
      });
    });
  }
}
