import { SluiceError } from '@sluice/sdk';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * A path below a folder, whatever dots or links the name holds: the nearest part of it that exists is looked at as it really is.
 * @throws SluiceError PATH_REFUSED
 */
export function confined(folder: string, name: string): string {
  const root = existsSync(folder) ? realpathSync(folder) : resolve(folder);
  const path = resolve(root, name);
  let real = path;
  while (!existsSync(real) && real !== dirname(real)) real = dirname(real);
  const inside = relative(root, existsSync(real) ? realpathSync(real) : real);
  const outside = inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside;
  if (name.includes('\0') || relative(root, path).startsWith('..') || (outside && real.length >= root.length)) {
    throw new SluiceError('PATH_REFUSED', `${JSON.stringify(name.slice(0, 200))} leads out of its folder.`, {
      hint: 'Name what is in the folder.',
    });
  }
  return join(resolve(folder), relative(root, path));
}
