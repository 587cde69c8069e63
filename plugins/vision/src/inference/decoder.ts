import type { Candidate } from './candidate';
import type { Preparation } from './letterbox';
import { nanodet } from './nanodet';
import { ultraface } from './ultraface';
import { yolo } from './yolo';

export interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Outputs of a model by name, in the order that the model declares. */
export type Tensors = Readonly<Record<string, Tensor>>;

export interface InputSize {
  readonly width: number;
  readonly height: number;
}

/** How to feed a family of models and to read what it says. */
export interface Decoder {
  readonly prepare: Preparation;
  /** How many classes it tells apart. */
  readonly classes: number;
  /** Overlap of suppression that the family is used with. */
  readonly overlap: number;
  /** Everything that scores at least `threshold`. */
  decode(outputs: Tensors, threshold: number): Candidate[];
}

/** Gives a decoder where the outputs have its shape, else says what it expects. */
export type DecoderFactory = (outputs: Tensors, input: InputSize) => Decoder | string;

export const DECODERS = { nanodet, yolo, ultraface } satisfies Record<string, DecoderFactory>;
export type DecoderName = keyof typeof DECODERS;
export const DECODER_NAMES = Object.keys(DECODERS) as DecoderName[];

/** The decoder that was asked for, or with `auto` the only one whose shapes fit; a text says why there is none. */
export function chooseDecoder(
  wanted: DecoderName | 'auto',
  outputs: Tensors,
  input: InputSize,
): { name: DecoderName; decoder: Decoder } | string {
  const reasons: string[] = [];
  for (const name of wanted === 'auto' ? DECODER_NAMES : [wanted]) {
    const decoder = DECODERS[name](outputs, input);
    if (typeof decoder !== 'string') return { name, decoder };
    reasons.push(`${name} expects ${decoder}`);
  }
  const shapes = Object.entries(outputs).map(([name, { dims }]) => `${name} [${dims.join(',')}]`);
  return `its outputs are ${shapes.join(', ')}; ${reasons.join('; ')}`;
}
