import type { Candidate } from './candidate';
import type { DecoderName } from './decoder';

/** What a worker is started with. */
export interface ModelSpec {
  readonly path: string;
  readonly decoder: DecoderName | 'auto';
  /** Side of the input where the model leaves it open. */
  readonly inputSize: number;
}

/** What a model turned out to be. */
export interface ModelInfo {
  readonly decoder: DecoderName;
  readonly classes: number;
  readonly width: number;
  readonly height: number;
}

export interface DetectRequest {
  readonly id: number;
  /** Shared, not copied: the frame is in use until the answer came. */
  readonly data: Uint8Array<SharedArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly threshold: number;
  /** Default: as the family of models is used. */
  readonly overlap: number | undefined;
  readonly limit: number;
  /** Numbers of the classes that are wanted; undefined for all. */
  readonly classes: readonly number[] | undefined;
}

export interface Fault {
  readonly code: string;
  readonly message: string;
}

/** The first message of a worker is its state, every other an answer. */
export type Started = { readonly info: ModelInfo } | { readonly fault: Fault };
export type Answer = { readonly id: number } & ({ readonly boxes: readonly Candidate[] } | { readonly fault: Fault });

/** What a thread starts with. */
export interface ThreadData {
  readonly spec: ModelSpec;
  /** Shared: see BUSY and STOP. */
  readonly state: Int32Array;
}

/** Place of 1 while the thread computes. */
export const BUSY = 0;
/** Place of 1 once it shall compute no more. */
export const STOP = 1;
