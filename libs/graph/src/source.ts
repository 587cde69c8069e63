import type { Code } from './codes';
import type { Places } from './dialects/places';
import type { Aim } from './text/document';

export type Path = readonly (string | number)[];

export interface Detail extends Aim {
  readonly node?: string;
  readonly hint?: string | undefined;
}

/** A diagnostic that has no line yet: lines are looked up only where there is something to say. */
export interface Finding extends Detail {
  readonly code: Code;
  readonly path: Path;
  readonly message: string;
}

/** A graph file with what was found in it. */
export class Source {
  readonly findings: Finding[] = [];
  /** Where what is checked stands in the file, where that is of another dialect. */
  places: Places | undefined;
  private readonly said = new Set<string>();

  constructor(
    readonly file: string,
    readonly text?: string,
  ) {}

  /** A finding at a path of what is checked. */
  say(code: Code, path: Path, message: string, detail: Detail = {}): void {
    this.sayAt(code, this.places?.of(path) ?? path, message, detail);
  }

  /** A finding at a path of the file as it is written. */
  sayAt(code: Code, path: Path, message: string, detail: Detail = {}): void {
    // A sub-graph is read at every use; what is wrong with the file itself is said once.
    const key = `${code} ${path.join('.')} ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    this.findings.push({ code, path, message, ...detail });
  }
}

/** Did you mean, else nothing. */
export function meant(name: string | undefined): string | undefined {
  return name === undefined ? undefined : `Did you mean \`${name}\`?`;
}
