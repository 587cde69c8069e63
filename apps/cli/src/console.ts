import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The console as it was built: of the workspace that this command is part of, else that in the package. */
const CONSOLES = [resolve(__dirname, '..', '..', 'console', 'dist', 'site'), resolve(__dirname, 'console')];

/** Where the console's files are, or would be. */
export function consoleFolder(): string {
  return CONSOLES.find((folder) => existsSync(folder)) ?? CONSOLES[0]!;
}
