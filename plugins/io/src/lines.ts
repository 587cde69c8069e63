import { createReadStream } from 'node:fs';
import { fileFault } from './file-fault';

const NEWLINE = 0x0a;

/** A line of a file, from 1. */
export interface Line {
  readonly number: number;
  /** Undefined where the line is longer than allowed. */
  readonly text: string | undefined;
  /** False for a last line without its newline. */
  readonly terminated: boolean;
}

/**
 * The lines of a file, one after the other, never more than `maxBytes` of one in memory. A last newline begins no line.
 * @throws SluiceError FILE_...
 */
export async function* lines(path: string, maxBytes: number): AsyncGenerator<Line, void> {
  let number = 1;
  let held: Buffer[] = [];
  let size = 0;
  const line = (terminated: boolean): Line => {
    let text: string | undefined;
    if (size <= maxBytes) {
      text = (held.length === 1 ? held[0]! : Buffer.concat(held)).toString('utf8');
      if (text.endsWith('\r')) text = text.slice(0, -1);
      if (number === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    }
    held = [];
    size = 0;
    return { number: number++, text, terminated };
  };
  const hold = (part: Buffer): void => {
    size += part.length;
    if (size <= maxBytes) held.push(part);
    else held = [];
  };
  const stream = createReadStream(path);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, end));
        from = end + 1;
        yield line(true);
      }
      if (from < chunk.length) hold(chunk.subarray(from));
    }
    if (size > 0) yield line(false);
  } catch (error) {
    throw fileFault(error, path, 'read');
  } finally {
    stream.destroy();
  }
}
