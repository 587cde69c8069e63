import { IsIn, IsString } from 'class-validator';
import { Any, Doc, Node, port, SluiceError, toJsonText, type Packet } from '@sluice/sdk';
import { describe } from './describe';

export class PrintConfig {
  @IsString() @Doc('Text in front of each line.') prefix = '';
  @IsIn(['json', 'text']) @Doc('`json`: the packet as one line of JSON; `text`: time, source, kind and payload for people.') format:
    'json' | 'text' = 'json';
  @IsIn(['packet', 'payload']) @Doc('What is printed as JSON.') body: 'packet' | 'payload' = 'packet';
}

@Node({
  type: 'core/print',
  kind: 'sink',
  summary: 'Prints each packet on standard output, one line each.',
  doc: 'Bytes, frames and other things that JSON cannot carry are shown by a short description. A number that is not finite is refused: it is a fault of the data, and printing it as null would hide it.',
  config: PrintConfig,
  in: { in: port(Any, 'Anything.') },
  examples: [
    { title: 'JSON lines for a program', config: {} },
    { title: 'For people', config: { format: 'text', prefix: 'door: ' } },
  ],
})
export class PrintNode {
  constructor(private readonly config: PrintConfig) {}

  write(packet: Packet): Promise<void> {
    return print(`${this.config.prefix}${this.line(packet)}\n`);
  }

  private line(packet: Packet): string {
    const { format, body } = this.config;
    const payload = describe(packet.payload);
    if (format === 'text') return `${packet.ts} ${packet.sourceId} ${packet.kind} ${toJsonText(payload)}`;
    return toJsonText(body === 'payload' ? payload : { ...packet.toJSON(), payload, meta: describe(packet.meta) });
  }
}

/** Resolves when the line is written, so that a slow reader slows the graph instead of filling memory. */
function print(line: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(line, (error) => {
      if (error == null) resolve();
      else
        reject(
          new SluiceError('PRINT_FAILED', `Standard output is closed: ${error.message}.`, {
            hint: 'Keep its reader running, or write to a file with io/jsonl-out.',
            cause: error,
          }),
        );
    });
  });
}
