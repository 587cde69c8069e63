import type { Runs } from '../runs';
import type { Sampler } from '../sampler';

/** The live figures of all runs as text: made once per sample, sent to everybody who watches, and not at all where nobody does. */
export class Frames {
  #text: string | undefined;

  constructor(
    private readonly runs: Runs,
    private readonly sampler: Sampler,
    private readonly redact: (text: string) => string,
  ) {
    sampler.onSample(() => (this.#text = undefined));
  }

  get text(): string {
    return (this.#text ??= this.redact(JSON.stringify({ runs: this.runs.list().map((run) => this.sampler.live(run)) })));
  }
}
