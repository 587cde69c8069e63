import { type SluiceError } from '@sluice/sdk/catalogue';
import { redact } from './secrets';

export interface TerminalOptions {
  /** One JSON object on stdout instead of text. */
  readonly json?: boolean;
  /** Stack traces, too. */
  readonly debug?: boolean;
}

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';
const STYLES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
};
const LINE = 80;

/** What a command writes: data to stdout, all else to stderr. */
export class Terminal {
  readonly json: boolean;
  readonly debug: boolean;

  constructor(options: TerminalOptions = {}) {
    this.json = options.json ?? false;
    this.debug = (options.debug ?? false) || process.env['SLUICE_DEBUG'] === '1';
  }

  /** A line of data. */
  out(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** The one object of `--json`, or a line of a stream of them. */
  object(value: unknown): void {
    this.out(JSON.stringify(value));
  }

  /** A line for the person who watches; nothing with `--json`. */
  note(line: string): void {
    if (!this.json) process.stderr.write(`${line}\n`);
  }

  /** Shows how far something is, on a terminal only; the next line takes its place. */
  progress(line: string): void {
    if (!this.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || LINE) - 1)}`);
  }

  progressEnd(): void {
    if (!this.json && process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  }

  /** Colours where a terminal shows them and NO_COLOR is not set. */
  paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stderr): string {
    const [on, off] = STYLES[style];
    const colour = process.env['NO_COLOR'] === undefined || process.env['NO_COLOR'] === '' ? stream.isTTY : false;
    return colour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  }

  /** How diagnostics look here: within the width of a terminal and in colours; in a file or a pipe one line is one line. */
  diagnosticStyle(): { width?: number; paint: (part: 'error' | 'warning' | 'info' | 'place' | 'quiet', text: string) => string } {
    const styles = { error: 'red', warning: 'yellow', info: 'cyan', place: 'bold', quiet: 'dim' } as const;
    return {
      ...(process.stderr.isTTY ? { width: Math.max(40, process.stderr.columns || LINE) } : {}),
      paint: (part, text) => this.paint(styles[part], text),
    };
  }

  /** Code, message and hint; the stack only where asked for. */
  error(error: SluiceError): void {
    if (this.json) {
      const { code, message, hint, node, retryable, details } = error;
      this.object({
        ok: false,
        error: {
          code,
          message,
          ...(hint === undefined ? {} : { hint }),
          ...(node === undefined ? {} : { node }),
          retryable,
          details: details ?? null,
        },
      });
    } else {
      this.say('error', 'red', error);
    }
    if (this.debug) process.stderr.write(`${stackOf(error)}\n`);
  }

  /** What is amiss and does not end the command; also with `--json`, as it is no data. */
  warn(error: SluiceError): void {
    this.say('warning', 'yellow', error);
    if (this.debug) process.stderr.write(`${stackOf(error)}\n`);
  }

  private say(severity: string, style: Style, error: SluiceError): void {
    process.stderr.write(`${this.paint(style, `${severity} ${error.code}`)}: ${plain(error.message)}\n`);
    if (error.hint !== undefined) process.stderr.write(`  ${wrap(plain(`hint: ${error.hint}`), LINE - 4).join('\n        ')}\n`);
  }

  /** Columns with two spaces between; the last one takes what is left of the line and wraps. */
  table(rows: readonly (readonly string[])[], width = LINE): readonly string[] {
    const columns = Math.max(0, ...rows.map((row) => row.length));
    const widths = Array.from({ length: columns - 1 }, (_, i) => Math.max(...rows.map((row) => (row.length > i + 1 ? row[i]!.length : 0))));
    const indent = widths.reduce((total, each) => total + each + 2, 0);
    return rows.flatMap((row) => {
      const head = row.slice(0, -1).map((cell, i) => cell.padEnd(widths[i]! + 2));
      const [first = '', ...more] = wrap(row[row.length - 1] ?? '', Math.max(24, width - indent));
      return [`${head.join('')}${first}`.trimEnd(), ...more.map((line) => `${' '.repeat(indent)}${line}`)];
    });
  }
}

/** Text that somebody else wrote, such as a key or a payload: no byte of it is an order to the terminal. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Breaks at spaces; a word that is too long stays whole. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  // Before it is broken: afterwards a secret of several words would not be known any more.
  for (const word of redact(text).split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function stackOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(cause)}`;
}
