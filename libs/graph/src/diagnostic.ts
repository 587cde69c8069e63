/** Errors keep a graph from running; warnings are for whoever wrote it. */
export type Severity = 'error' | 'warning' | 'info';

/** One finding on a graph (`diagnostic@1`). Lines and columns count from 1. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, dotted: `nodes.camera.config.path`. */
  readonly path: string;
  readonly node?: string;
  /** What to do next. */
  readonly hint?: string;
  /** The page of the code: `docs/reference/errors/<code>.md`. */
  readonly docs: string;
}
