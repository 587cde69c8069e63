import type { Diagnostic } from './diagnostic';

/** A diagnostic for people: place, severity, code and message; with the text its lines and a caret; the hint. No colours. */
export function formatDiagnostic(diagnostic: Diagnostic, text?: string): string {
  const { file, line, column, severity, code, message, hint } = diagnostic;
  const parts = [`${file === '' ? 'graph' : file}:${line}:${column} ${severity} ${code} ${message}`];
  if (text !== undefined) parts.push(...excerpt(text.split(/\r?\n/), line, column));
  if (hint !== undefined) parts.push(`  hint: ${hint}`);
  return parts.join('\n');
}

function excerpt(lines: readonly string[], line: number, column: number): string[] {
  const at = lines[line - 1];
  if (at === undefined) return [];
  const width = String(line).length;
  const before = lines[line - 2];
  const row = (n: number, content: string): string => `  ${String(n).padStart(width)} | ${content}`;
  // Tabs are kept, so that the caret stands below its column at any tab width.
  const indent = at.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [
    ...(before === undefined || before.trim() === '' ? [] : [row(line - 1, before)]),
    row(line, at),
    `  ${' '.repeat(width)} | ${indent}^`,
  ];
}
