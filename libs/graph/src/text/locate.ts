import { CODES, docsOf } from '../codes';
import type { Diagnostic } from '../diagnostic';
import type { Finding, Source } from '../source';
import { offsetOf, parsePositioned } from './document';

/** Gives findings their lines and columns. A graph built in code has none: everything is at 1:1. */
export function locate(source: Source): Diagnostic[] {
  const { findings, file, text } = source;
  if (findings.length === 0) return [];
  if (text === undefined) return findings.map((finding) => diagnostic(finding, file, 1, 1));
  const { document, lines } = parsePositioned(text, false);
  return findings.map((finding) => {
    const { line, col } = lines.linePos(offsetOf(document, text, finding.path, finding));
    return diagnostic(finding, file, Math.max(1, line), Math.max(1, col));
  });
}

function diagnostic({ code, path, message, node, hint }: Finding, file: string, line: number, column: number): Diagnostic {
  const { severity, hint: general } = CODES[code];
  return {
    code,
    severity,
    message,
    file,
    line,
    column,
    path: path.join('.'),
    ...(node === undefined ? {} : { node }),
    hint: hint ?? general,
    docs: docsOf(code),
  };
}
