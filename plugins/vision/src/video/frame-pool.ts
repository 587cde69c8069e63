/**
 * Shared buffers for the frames of one source, used again when they come back. Grows to what the graph holds at one
 * time and never beyond `limit`: then the source waits, and the pipe with it.
 */
export class FramePool {
  private readonly idle: Uint8Array<SharedArrayBuffer>[] = [];
  private readonly out = new Set<Uint8Array<SharedArrayBuffer>>();
  private readonly waiting: (() => void)[] = [];

  constructor(
    /** Bytes of a frame. */
    readonly size: number,
    readonly limit: number,
  ) {}

  /** A free buffer; waits for one where all are in use. Rejects with the signal's reason when aborted. */
  async take(signal?: AbortSignal): Promise<Uint8Array<SharedArrayBuffer>> {
    for (;;) {
      signal?.throwIfAborted();
      const buffer = this.tryTake();
      if (buffer !== undefined) return buffer;
      await this.room(signal);
    }
  }

  /** A free buffer; undefined where all are in use. */
  tryTake(): Uint8Array<SharedArrayBuffer> | undefined {
    const buffer = this.idle.pop() ?? (this.out.size < this.limit ? new Uint8Array(new SharedArrayBuffer(this.size)) : undefined);
    if (buffer !== undefined) this.out.add(buffer);
    return buffer;
  }

  /** Takes a buffer back. A second return of the same is no harm. */
  give(buffer: Uint8Array<SharedArrayBuffer>): void {
    if (!this.out.delete(buffer)) return;
    this.idle.push(buffer);
    this.waiting.shift()?.();
  }

  /** Buffers in use. */
  get used(): number {
    return this.out.size;
  }

  /** Buffers that exist. */
  get allocated(): number {
    return this.out.size + this.idle.length;
  }

  private room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener('abort', wake);
        const at = this.waiting.indexOf(wake);
        if (at >= 0) this.waiting.splice(at, 1);
        resolve();
      };
      this.waiting.push(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}
