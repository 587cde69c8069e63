import type { Tree } from '@nx/devkit';
import { resolve } from 'node:path';
import { deliver } from '../files';
import { onDisk, tarballs } from '../disk';
import { pluginFiles, readKinds } from '../plugin';
import { briefly, generate, inside } from './tree';

export interface PluginSchema {
  readonly name: string;
  readonly kinds?: string;
  readonly directory?: string;
  readonly packageName?: string;
  readonly packed?: string;
}

/** `nx g plugin <name>`. */
export function pluginGenerator(tree: Tree, schema: PluginSchema): () => void {
  const kinds = () => (schema.kinds === undefined ? {} : { kinds: readKinds(schema.kinds) });
  const { name, directory = `plugins/${name}` } = schema;
  const own = inside(tree, directory);
  if (own !== undefined && /^plugins\/[^/]+$/.test(own)) {
    generate(tree, () => pluginFiles({ name, ...kinds(), directory: own }));
    return () =>
      console.log(
        ['', 'Next:', '  npm install', '  npm run docs:nodes', `  npx nx test ${name}`, `  npx nx run graph:run graphs/${name}.yaml`].join(
          '\n',
        ),
      );
  }
  // Nx writes below its workspace only, so this is written by hand, and by the same code as `sluice new plugin`.
  const root = resolve(tree.root, directory);
  briefly(() => {
    const outside = {
      ...(schema.packageName === undefined ? {} : { packageName: schema.packageName }),
      packed: tarballs(schema.packed === undefined ? undefined : resolve(tree.root, schema.packed), root),
    };
    const written = deliver(
      onDisk(root),
      pluginFiles({ name, ...kinds(), directory: '.', outside }),
      process.argv.some((one) => /^(--dry-?run|-d)$/i.test(one)),
    );
    for (const { path, state } of written) console.log(`${state.toUpperCase()} ${resolve(root, path)}`);
  });
  return () =>
    console.log(
      ['', 'Next:', `  cd ${root}`, '  npm install', '  npm run build', '  npm test', `  npx sluice run graphs/${name}.yaml`].join('\n'),
    );
}
