import { SluiceError } from '@sluice/sdk/catalogue';

/** Exit codes of every command (contracts.md). */
export const EXIT = { ok: 0, failed: 1, usage: 2, invalid: 3, preflight: 4, empty: 5, interrupted: 130 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Codes that are about what the caller typed. */
const USAGE =
  /^(USAGE_|SCAFFOLD_|HOST_NOT_LOCAL$|NODE_TYPE_UNKNOWN$|PRESET_NOT_FOUND$|ASSET_UNKNOWN$|ASSET_CATEGORY_UNKNOWN$|TEST_NOT_FOUND$|QUEUE_UNKNOWN$|ARTIFACT_UNKNOWN$|ACTION_UNKNOWN$|OUT_EXISTS$)/;
/** Codes that the checker gives for a graph, a plan, or input. */
const INVALID = /^(GRAPH|CONFIG|PARAM|EDGE|PLAN|INPUT|IMPORT)_/;

/** The exit code of an error that ended a command before, or instead of, a run. */
export function exitOf(error: SluiceError): Exit {
  if (error.code === 'ASSET_ABORTED') return EXIT.interrupted;
  if (USAGE.test(error.code)) return EXIT.usage;
  if (INVALID.test(error.code)) return EXIT.invalid;
  return error.code === 'INTERNAL' ? EXIT.failed : EXIT.preflight;
}

/** A fault in what was typed. */
export function usage(message: string, hint: string): SluiceError {
  return new SluiceError('USAGE_INVALID', message, { hint });
}
