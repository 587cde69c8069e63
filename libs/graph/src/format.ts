import type { Diagnostic, Severity } from './diagnostic';

/** How a finding is shown. */
export interface FormatOptions {
  /** Columns: longer sentences are broken, longer lines of the graph are cut around the caret. Default: as long as they are, lines up to 240. */
  readonly width?: number;
  /** Colours; default none. */
  readonly paint?: (part: Severity | 'place' | 'quiet', text: string) => string;
}

/** A diagnostic for people: place, severity, code and message; with the text its lines and a caret; the hint. */
export function formatDiagnostic(diagnostic: Diagnostic, text?: string, options: FormatOptions = {}): string {
  const { width = Infinity, paint = (_, painted) => painted } = options;
  const { file, line, column, severity, code, message, hint } = diagnostic;
  const place = `${file === '' ? 'graph' : file}:${line}:${column}`;
  const head = `${paint('place', place)} ${paint(severity, `${severity} ${code}`)}`;
  const fits = `${place} ${severity} ${code} ${message}`.length <= width;
  const parts = fits ? [`${head} ${message}`] : [head, ...broken(message, width, '  ')];
  if (text !== undefined) parts.push(...excerpt(text.split(/\r?\n/), line, column, width).map((row) => paint('quiet', row)));
  if (hint !== undefined) parts.push(...broken(`hint: ${hint}`, width, '  ', '        '));
  return parts.join('\n');
}

/** Lines of a sentence, broken at spaces. */
function broken(text: string, width: number, first: string, rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const empty = line.trim() === '';
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest + word;
    } else line += empty ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** A line of a graph may be megabytes long. */
const WIDEST = 240;

function excerpt(lines: readonly string[], line: number, column: number, width: number): string[] {
  const at = lines[line - 1];
  if (at === undefined) return [];
  const digits = String(line).length;
  const before = lines[line - 2];
  const room = Math.max(20, Math.min(width, WIDEST) - digits - 5);
  // Both lines are cut at the same columns, so that one still stands below the other.
  const from = at.length > room && column > room - 10 ? Math.min(column - Math.floor(room / 2), at.length - room) : 0;
  const row = (n: number, content: string): string => `  ${String(n).padStart(digits)} | ${cut(content, from, room)}`;
  // Tabs are kept, so that the caret stands below its column at any tab width.
  const indent = at.slice(from, column - 1).replace(/[^\t]/g, ' ');
  return [
    ...(before === undefined || before.trim() === '' ? [] : [row(line - 1, before).trimEnd()]),
    row(line, at),
    `  ${' '.repeat(digits)} | ${indent}^`,
  ];
}

function cut(text: string, from: number, room: number): string {
  const kept = text.slice(from, from + room);
  const front = from > 0 && kept !== '' ? `…${kept.slice(1)}` : kept;
  return text.length > from + room ? `${front.slice(0, -1)}…` : front;
}
