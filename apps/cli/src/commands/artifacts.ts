import { hash, list, nullable, number, ok, shape, text, told, whole } from '@sluice/control/schemas';
import type { Artifact, ArtifactFilter } from '@sluice/sdk';
import { SluiceError } from '@sluice/sdk/catalogue';
import { writeFile } from 'node:fs/promises';
import { EXIT, type Exit } from '../exit';
import { plain, type Terminal } from '../terminal';
import { withStore } from './journal';
import { type Outputs } from '../outputs';

const artifact = shape({
  id: text,
  schema: told(text, '`name@version` of what its content is.'),
  ref: shape({ scheme: text, key: text, content_type: text, size_bytes: whole, sha256: hash }),
  graph: text,
  node: text,
  run: text,
  sources: list(shape({ packet_id: text, key: text })),
  at: told(number, 'Ms since the epoch.'),
  until: nullable(number),
});

export const OUTPUTS: Outputs = {
  'artifacts list': ok({ artifacts: list(artifact) }),
  'artifacts show': ok({ artifact, 'file?': text }),
  'artifacts gc': ok({ artifacts: whole, files: whole, bytes: whole }),
};

/** What of a text is shown without --out. */
const SHOWN = 2_000;

/** `sluice artifacts list`: what is kept, the newest last. */
export function listArtifacts(terminal: Terminal, filter: ArtifactFilter): Promise<Exit> {
  return withStore(async (store) => {
    const artifacts = [...(await store.artifacts.find(filter))].reverse();
    if (terminal.json) {
      terminal.object({ ok: true, artifacts });
      return EXIT.ok;
    }
    if (artifacts.length === 0) terminal.note('No artifact fits: nodes keep them with ctx.artifacts.');
    const cells = artifacts.map(({ id, schema, ref, graph, node, at }) => [
      id.slice(0, 8),
      timeOf(at),
      `${ref.size_bytes} B`,
      plain(`${schema} of ${graph}/${node}`),
    ]);
    for (const line of terminal.table(cells)) terminal.out(line);
    return EXIT.ok;
  });
}

/** `sluice artifacts show`: where it comes from, and its content where a terminal can show it. */
export function showArtifact(terminal: Terminal, id: string, { out }: { readonly out?: string }): Promise<Exit> {
  return withStore(async (store) => {
    const artifact = await store.artifacts.get(id);
    const bytes = await store.artifacts.read(id);
    if (out === '-') {
      await new Promise<void>((done) => process.stdout.write(bytes, () => done()));
      return EXIT.ok;
    }
    if (out !== undefined) {
      await writeFile(out, bytes).catch((cause: unknown) => {
        throw SluiceError.from(cause, 'OUTPUT_NOT_WRITTEN', { hint: 'Name a file in a folder that is there, with --out.' });
      });
    }
    if (terminal.json) terminal.object({ ok: true, artifact, ...(out === undefined ? {} : { file: out }) });
    else describe(terminal, artifact, bytes, out);
    return EXIT.ok;
  });
}

function describe(terminal: Terminal, artifact: Artifact, bytes: Uint8Array, out: string | undefined): void {
  const { id, schema, ref, graph, node, run, sources, at, until } = artifact;
  const rows = [
    ['id', id],
    ['schema', schema],
    ['content', `${ref.content_type}, ${ref.size_bytes} bytes`],
    ['sha256', ref.sha256],
    ['kept by', `${graph}/${node} in run ${run}`],
    ['kept at', timeOf(at)],
    ['until', until === null ? 'its node keeps newer ones in its place, or for good' : timeOf(until)],
    ...sources.map(({ packet_id, key }, n) => [n === 0 ? 'made of' : '', key === '' ? packet_id : plain(`${packet_id} (${key})`)]),
  ];
  for (const line of terminal.table(rows)) terminal.out(line);
  if (out !== undefined) return terminal.note(`Written to ${out}.`);
  if (!/^text\/|json/.test(ref.content_type)) return terminal.note('Its bytes: --out <file>.');
  const text = new TextDecoder().decode(bytes.subarray(0, SHOWN));
  terminal.out(plain(text));
  if (bytes.byteLength > SHOWN) terminal.note(`These are the first ${SHOWN} of ${bytes.byteLength} bytes: --out <file> writes all.`);
}

/** `sluice artifacts gc`. */
export function collectArtifacts(terminal: Terminal): Promise<Exit> {
  return withStore(async (store) => {
    const { artifacts, files, bytes } = await store.artifacts.gc();
    if (terminal.json) terminal.object({ ok: true, artifacts, files, bytes });
    else terminal.out(`${artifacts} artifacts were past their time; ${files} files (${bytes} bytes) that nobody needed are deleted.`);
    return EXIT.ok;
  });
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}
