import { SluiceError } from '@sluice/sdk';

/** As SQLite names them, without its prefix, and PostgreSQL's states. */
const FULL = new Set(['FULL', '53100']);
const BUSY = new Set(['BUSY', 'LOCKED', '55P03', '40001', '40P01']);
const DAMAGED = new Set(['CORRUPT', 'NOTADB', 'XX001', 'XX002']);

/** What a database said, as an error of ours. */
export function storeFault(error: unknown): SluiceError {
  if (SluiceError.is(error)) return error;
  const code = String((error as { code?: unknown } | null)?.code ?? '').replace(/^SQLITE_/, '');
  const message = error instanceof Error ? error.message : String(error);
  if (FULL.has(code)) {
    return new SluiceError('STORE_FULL', `The disk of the store is full: ${message}`, {
      retryable: true,
      cause: error,
      hint: 'Free some space; what was not committed is tried again by who sent it.',
    });
  }
  if (BUSY.has(code)) {
    return new SluiceError('STORE_BUSY', `Another process holds the store: ${message}`, {
      retryable: true,
      cause: error,
      hint: 'Try again; see with `fuser` which process has the file open where it stays so.',
    });
  }
  if (DAMAGED.has(code)) {
    return new SluiceError('STORE_DAMAGED', `The store is damaged: ${message}`, {
      cause: error,
      hint: 'See with `sluice queue verify` what is damaged; `sluice queue repair` saves what is whole into a new file.',
    });
  }
  return new SluiceError('STORE_FAILED', `The store refused a statement: ${message}`, { retryable: true, cause: error });
}

const TROUBLE = new Set(['STORE_FULL', 'STORE_BUSY', 'STORE_LOST', 'STORE_DAMAGED']);

/** Whether it is the store that is in trouble, not the unit that is wrong. */
export function troubled(error: SluiceError): boolean {
  return TROUBLE.has(error.code);
}

export function storeClosed(): SluiceError {
  return new SluiceError('STORE_CLOSED', 'The store was closed.', { hint: 'Close it after everything that writes to it.' });
}
