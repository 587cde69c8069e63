import type { PlanPort } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** One value waits; the next line is read when it was taken. */
interface Slot {
  value: { readonly payload: unknown } | undefined;
}

/**
 * Feeds a graph's inputs from JSON lines. With one input a line is a payload, or a packet (`packet@1`); with several, each line is
 * `{ "input": name, "payload": ... }`. Nothing is read ahead.
 */
export class Lines {
  readonly #slots: ReadonlyMap<string, Slot>;
  #waiting: (() => void)[] = [];
  #ended = false;
  #fault: SluiceError | undefined;

  constructor(inputs: readonly PlanPort[], from: Readable) {
    this.#slots = new Map(inputs.map(({ name }) => [name, { value: undefined }]));
    if (inputs.length > 0) {
      void this.#read(from)
        .catch((error: unknown) => (this.#fault = SluiceError.from(error, 'INPUT_UNREADABLE', { hint: 'Check what is piped in.' })))
        .finally(() => {
          this.#ended = true;
          this.#changed();
        });
    }
  }

  /** What kept a line from being read; undefined where all were. */
  get fault(): SluiceError | undefined {
    return this.#fault;
  }

  inputs(): Readonly<Record<string, AsyncIterable<unknown>>> {
    return Object.fromEntries([...this.#slots.keys()].map((name) => [name, this.#values(this.#slots.get(name)!)]));
  }

  async *#values(slot: Slot): AsyncGenerator<unknown, void> {
    for (;;) {
      const { value } = slot;
      if (value !== undefined) {
        slot.value = undefined;
        this.#changed();
        yield value.payload;
      } else if (this.#ended) {
        return;
      } else {
        await this.#change();
      }
    }
  }

  async #read(from: Readable): Promise<void> {
    let number = 0;
    for await (const line of createInterface({ input: from, crlfDelay: Infinity })) {
      number++;
      if (line.trim() === '') continue;
      const { name, payload } = this.#parse(line, number);
      const slot = this.#slots.get(name)!;
      while (slot.value !== undefined) await this.#change();
      slot.value = { payload };
      this.#changed();
    }
  }

  #parse(line: string, number: number): { name: string; payload: unknown } {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new SluiceError('INPUT_NOT_JSON', `Line ${number} of standard input is not JSON.`, {
        hint: 'Write one JSON value per line.',
        details: { line: number },
        cause,
      });
    }
    const record = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
    const [only] = this.#slots.keys();
    if (this.#slots.size === 1) {
      const packet = 'packet_id' in record && 'payload' in record;
      return { name: only!, payload: packet ? record['payload'] : value };
    }
    const name = record['input'];
    if (typeof name !== 'string' || !this.#slots.has(name)) {
      throw new SluiceError('INPUT_UNKNOWN', `Line ${number} of standard input does not say its input.`, {
        hint: `Write {"input": "${only}", "payload": ...}; inputs are ${[...this.#slots.keys()].join(', ')}.`,
        details: { line: number },
      });
    }
    return { name, payload: record['payload'] };
  }

  #change(): Promise<void> {
    return new Promise((done) => this.#waiting.push(done));
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
