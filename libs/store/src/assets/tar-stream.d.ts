/** The part of tar-stream (2 and 3) that is used; it carries no types. */
declare module 'tar-stream' {
  import type { Readable, Writable } from 'node:stream';

  interface Headers {
    readonly name: string;
    readonly size: number;
    readonly type: string;
  }
  interface Extract extends Writable {
    on(event: 'entry', listener: (headers: Headers, stream: Readable, next: (error?: unknown) => void) => void): this;
    on(event: string, listener: (...args: never[]) => void): this;
  }
  interface Pack extends Readable {
    entry(headers: { readonly name: string }, content: Uint8Array): void;
    finalize(): void;
  }
  export function extract(): Extract;
  export function pack(): Pack;
}
