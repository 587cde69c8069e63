import { ANY_TYPE, profileFits, type Catalogue, type NodeEntry, type Profile } from '@sluice/sdk/catalogue';
import type { CheckInput, CheckOptions } from './check';
import type { Diagnostic } from './diagnostic';
import type { Values } from './fill';
import { freeze } from './freeze';
import type { Level } from './level';
import { Source } from './source';
import { read } from './text/read';

/** A graph that others use, read once. */
export interface SubGraphFile {
  readonly source: Source;
  readonly value: unknown;
  readonly readable: boolean;
  /** Its ports and parameters, found once by `look`. */
  shape(look: () => Level | undefined): Level | undefined;
}

/** All that a check can ask about what is outside of the graph. */
export class World {
  readonly values: Omit<Values, 'params'>;
  /** Every file that was read, in order of first use. */
  readonly sources: Source[] = [];
  /** Faults of texts that could not be read. */
  readonly faults: Diagnostic[] = [];
  private readonly types = new Map<string, NodeEntry>();
  private readonly entries = new Map<string, NodeEntry>();
  private readonly files = new Map<string, SubGraphFile | undefined>();

  constructor(
    private readonly catalogues: readonly Catalogue[],
    private readonly findGraph: ((name: string) => CheckInput | undefined) | undefined,
    { env, secret, asset }: Pick<CheckOptions, 'env' | 'secret' | 'asset'>,
  ) {
    this.values = { env: env ?? {}, secret: secret ?? (() => undefined), asset: asset ?? (() => undefined) };
    for (const { nodes } of catalogues) for (const entry of nodes) this.types.set(entry.type, entry);
  }

  /** A node type; its ports are frozen copies, for plans share them. */
  type(name: string): NodeEntry | undefined {
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    const found = this.types.get(name);
    if (found === undefined) return undefined;
    const entry = { ...found, in: freeze(structuredClone(found.in)), out: freeze(structuredClone(found.out)) };
    this.entries.set(name, entry);
    return entry;
  }

  typeNames(): Iterable<string> {
    return this.types.keys();
  }

  pluginHint(): string {
    const names = this.catalogues.map(({ plugin }) => plugin);
    return names.length === 0 ? 'No plugin is loaded.' : `Known plugins are ${names.join(', ')}; \`sluice nodes list\` shows their types.`;
  }

  /** Node types that take `from` and give `to`. */
  between(from: string, to: string): string[] {
    return this.typesWhere(
      (entry) => Object.values(entry.in).some(({ type }) => type === from) && Object.values(entry.out).some(({ type }) => type === to),
    );
  }

  /** Node types that take a payload of this type and give one that may leave the process. */
  portable(type: string): string[] {
    return this.typesWhere(
      (entry) =>
        Object.values(entry.in).some((port) => port.type === type || port.type === ANY_TYPE) &&
        Object.values(entry.out).some(
          (port) => port.type !== ANY_TYPE && port.profile === 'ref_portable' && profileFits(port.profile, 'json_portable'),
        ),
    );
  }

  /** The profile of a port type, wherever a node type uses it; a type of the program's own is data by default. */
  profileOf(portType: string): Profile {
    for (const entry of this.types.values()) {
      for (const port of [...Object.values(entry.out), ...Object.values(entry.in)]) if (port.type === portType) return port.profile;
    }
    return 'json_portable';
  }

  private typesWhere(fits: (entry: NodeEntry) => boolean): string[] {
    return [...this.types.values()]
      .filter(fits)
      .map(({ type }) => type)
      .sort()
      .slice(0, 3);
  }

  graph(name: string): SubGraphFile | undefined {
    if (this.files.has(name)) return this.files.get(name);
    const input = this.findGraph?.(name);
    const file = input === undefined ? undefined : this.file(input);
    this.files.set(name, file);
    return file;
  }

  private file(input: CheckInput): SubGraphFile {
    const source = new Source(input.file, input.text);
    const { value, readable, faults } = read(source);
    this.sources.push(source);
    this.faults.push(...faults);
    let known: { readonly level: Level | undefined } | undefined;
    return { source, value, readable, shape: (look) => (known ??= { level: look() }).level };
  }
}
