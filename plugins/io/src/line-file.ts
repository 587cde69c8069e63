import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileFault } from './file-fault';

const NEWLINE = 0x0a;

/** What of a file handle a LineFile needs; a test gives one that fails. */
export type LineHandle = Pick<FileHandle, 'write' | 'truncate' | 'datasync' | 'close'>;

/** A file of lines. A line is there as a whole or not at all; lines keep the order of the calls. */
export class LineFile {
  private last: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly handle: LineHandle,
    /** Bytes of whole lines in the file. */
    private length: number,
    private readonly sync: boolean,
  ) {}

  /**
   * Opens for writing and makes the folder.
   * @throws SluiceError FILE_... where that cannot be
   */
  static async open(path: string, options: { append: boolean; fsync: boolean }): Promise<LineFile> {
    try {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(path, options.append ? 'a+' : 'w');
      const { size } = await handle.stat();
      const file = new LineFile(path, handle, size, options.fsync);
      // Who wrote before may have died in the middle of a line: ours begins on a new one.
      if (size > 0 && !(await endsWhole(handle, size))) await file.write('');
      return file;
    } catch (error) {
      throw fileFault(error, path, 'open');
    }
  }

  /** Resolves when the line is with the operating system, with `fsync` when it is on the disk. */
  write(line: string): Promise<void> {
    const written = this.last.then(() => this.whole(Buffer.from(`${line}\n`)));
    this.last = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.last;
    await this.handle.close();
  }

  private async whole(bytes: Buffer): Promise<void> {
    try {
      // The file system may take less than it was given.
      for (let done = 0; done < bytes.length;) done += (await this.handle.write(bytes, done, bytes.length - done, null)).bytesWritten;
      if (this.sync) await this.handle.datasync();
      this.length += bytes.length;
    } catch (error) {
      // Devices and pipes cannot be cut; there the fault itself is what counts.
      await this.handle.truncate(this.length).catch(() => undefined);
      throw fileFault(error, this.path, 'write');
    }
  }
}

async function endsWhole(handle: FileHandle, size: number): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 0 || buffer[0] === NEWLINE;
}
