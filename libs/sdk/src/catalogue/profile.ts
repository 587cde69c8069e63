/**
 * What a payload may be asked to do: stay in this process (`inproc_any`), be written as JSON (`json_portable`),
 * or be written as JSON that only refers to its bytes (`ref_portable`).
 */
export type Profile = 'inproc_any' | 'json_portable' | 'ref_portable';

/** The type name that fits every other. */
export const ANY_TYPE = 'sluice/any@1';

const FITS: Readonly<Record<Profile, readonly Profile[]>> = {
  inproc_any: ['inproc_any'],
  json_portable: ['json_portable', 'inproc_any'],
  ref_portable: ['ref_portable', 'json_portable', 'inproc_any'],
};

/** Whether a payload of profile `from` may enter a port that asks for `to`. */
export function profileFits(from: Profile, to: Profile): boolean {
  return FITS[from].includes(to);
}

/** Whether an output of type `from` may feed an input of type `to`. */
export function portTypeFits(from: string, to: string): boolean {
  return from === to || from === ANY_TYPE || to === ANY_TYPE;
}
