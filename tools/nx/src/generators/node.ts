import type { Tree } from '@nx/devkit';
import { nodeFiles } from '../node';
import type { Kind } from '../template';
import { generate } from './tree';

export interface NodeSchema {
  readonly name: string;
  readonly kind?: Kind;
}

/** `nx g node <plugin>/<name>`. */
export function nodeGenerator(tree: Tree, { name, kind = 'transform' }: NodeSchema): () => void {
  generate(tree, () => nodeFiles({ name, kind }));
  return () => console.log(['', 'Next:', '  npm run docs:nodes', `  npx nx test ${name.split('/')[0]}`].join('\n'));
}
