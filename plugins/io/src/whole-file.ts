import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Packet } from '@sluice/sdk';
import { fileFault } from './file-fault';

const PARTS: Readonly<Record<string, (packet: Packet, n: number) => string>> = {
  ts: (packet) => packet.ts,
  source_id: (packet) => packet.sourceId,
  kind: (packet) => packet.kind,
  n: (_, n) => String(n).padStart(6, '0'),
  seq: (packet) => String(packet.seq).padStart(6, '0'),
  packet_id: (packet) => packet.id,
  key: (packet) => packet.key,
};
const MAX_NAME = 200;

/** What stands in braces in the name of a file. */
export const NAME_PARTS = `{${Object.keys(PARTS).join('}, {')}}`;
const PART = `[\\w.-]|\\{(?:${Object.keys(PARTS).join('|')})\\}`;
export const FILE_NAME = new RegExp(`^(?:${PART})+$`);
/** The same with folders. */
export const FILE_PATH = new RegExp(`^(?:${PART})+(?:/(?:${PART})+)*$`);

/** The name, or the path, for a packet: `n` is how many there were before it. What a name cannot have becomes `_`. */
export function nameOf(template: string, packet: Packet, n: number): string {
  const names = template
    .split('/')
    .map((part) => part.replace(/\{(\w+)\}/g, (_, name: string) => PARTS[name]!(packet, n).replace(/[^\w.-]/g, '_')));
  // Neither hidden nor `..`, nor longer than file systems take.
  return names.map((name) => (name.replace(/^\.+/, '_') || '_').slice(-MAX_NAME)).join('/');
}

/** Writes a file that appears under its name when it is complete. `draft` is a number that no other write of this process has. */
export async function writeWhole(folder: string, name: string, data: string | Uint8Array, draft: number): Promise<string> {
  const path = join(folder, name);
  // Of this process and this write alone; a dot keeps it out of listings.
  const part = join(folder, `.${process.pid}-${draft}.part`);
  try {
    if (name.includes('/')) await mkdir(dirname(path), { recursive: true });
    await writeFile(part, data);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw fileFault(error, path, 'write');
  }
  return path;
}

/** Makes a folder and those above it. */
export async function makeFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileFault(error, folder, 'make the folder');
  });
  return folder;
}
