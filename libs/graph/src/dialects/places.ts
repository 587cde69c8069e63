import type { Path } from '../source';

/** Where each part of a converted graph was written in the file that it came from. */
export class Places {
  private readonly known = new Map<string, Path>();

  set(here: Path, there: Path): void {
    this.known.set(keyOf(here), there);
  }

  /** The longest beginning of the path that has a place decides; what is behind it is the same in both. */
  of(path: Path): Path {
    for (let length = path.length; length > 0; length--) {
      const there = this.known.get(keyOf(path.slice(0, length)));
      if (there !== undefined) return [...there, ...path.slice(length)];
    }
    return path;
  }
}

const keyOf = (path: Path): string => path.join('\0');
