import { SluiceError } from '@sluice/sdk';

const KNOWN: Readonly<Record<string, readonly [code: string, said: string, hint: string, retryable?: boolean]>> = {
  ENOENT: ['FILE_NOT_FOUND', 'there is no such file', 'Check the path: relative inputs are looked up in the folder of the graph.'],
  EACCES: ['FILE_DENIED', 'this user may not', 'Give the user the right, or choose another path.'],
  EPERM: ['FILE_DENIED', 'this user may not', 'Give the user the right, or choose another path.'],
  EROFS: ['FILE_DENIED', 'the file system is read-only', 'Choose a path on a writable file system.'],
  EISDIR: ['FILE_IS_FOLDER', 'it is a folder', 'Name a file in that folder.'],
  ENOTDIR: ['FILE_PATH_BLOCKED', 'a part of the path is a file, not a folder', 'Choose another path, or move that file away.'],
  EEXIST: ['FILE_PATH_BLOCKED', 'a part of the path is a file, not a folder', 'Choose another path, or move that file away.'],
  ENOSPC: ['DISK_FULL', 'the disk is full', 'Make room; nothing half-written was left.', true],
  EDQUOT: ['DISK_FULL', 'the quota is used up', 'Make room; nothing half-written was left.', true],
  EMFILE: ['FILES_TOO_MANY', 'too many files are open', 'Raise the limit of open files (ulimit -n).', true],
};

/** A fault of the file system with a code and what to do. `doing` reads like "write" or "open". */
export function fileFault(error: unknown, path: string, doing: string): SluiceError {
  if (SluiceError.is(error)) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const [known, said, hint, retryable] = KNOWN[code] ?? ['FILE_FAILED', message, 'Check the path and the disk.', true];
  return new SluiceError(known, `Cannot ${doing} ${path}: ${said}.`, { hint, retryable: retryable ?? false, cause: error });
}
