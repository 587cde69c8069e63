import { SluiceError } from '@sluice/sdk/catalogue';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file and the folders above it. A reader sees the old file or the new one, never a half.
 * @throws SluiceError OUT_NOT_WRITABLE
 */
export function writeOut(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new SluiceError('OUT_NOT_WRITABLE', `${file} cannot be written: ${(error as Error).message}.`, {
      hint: 'Choose another file with --out.',
      cause: error,
    });
  }
}
