import { CONFIG, configClass, makeConfig, nodeSpec, SluiceError, type NodeClass, type Plugin } from '@sluice/sdk';
import { Container } from 'inversify';

/**
 * An app's own Inversify container, 7 or 8. By its shape and not its class: an ES module app and this package may have
 * a copy of Inversify each, and a class with private members fits no other copy of itself.
 */
export interface ServiceContainer {
  bind(token: symbol): unknown;
  get<V>(token: symbol): V;
  isBound(token: symbol): boolean;
}

/** What 7 and 8 name differently. */
interface EitherVersion {
  load(...modules: object[]): unknown;
  loadSync?(...modules: object[]): void;
  unbindAll(): unknown;
  unbindAllAsync?(): Promise<void>;
}

/** A container that sees what the parent has; the parent is left as it is. */
export function childOf(parent: ServiceContainer | undefined): Container {
  return parent === undefined ? new Container() : new (containerClass(parent))({ parent: parent as Container });
}

/** Inversify's class in the copy that the container is of, below what the app derived from it. */
function containerClass(container: ServiceContainer): typeof Container {
  let own = Object.getPrototypeOf(container) as object;
  for (let next = own; (next = Object.getPrototypeOf(next) as object) !== null && Object.getPrototypeOf(next) !== null;) own = next;
  return own.constructor as typeof Container;
}

/** @throws SluiceError PLUGIN_INVALID where the module is asynchronous */
export function loadModule(container: Container, plugin: Plugin): void {
  if (plugin.module === undefined) return;
  const either = container as unknown as EitherVersion;
  try {
    if (either.loadSync === undefined) either.load(plugin.module);
    else either.loadSync(plugin.module);
  } catch (error) {
    throw SluiceError.from(error, 'PLUGIN_INVALID', {
      retryable: false,
      hint: `Let the module of plugin ${plugin.name} bind at once; what takes time belongs into a node's open().`,
    });
  }
}

/** Resolves when every singleton that was made here has been deactivated. */
export async function dispose(container: Container): Promise<void> {
  const either = container as unknown as EitherVersion;
  await (either.unbindAllAsync === undefined ? either.unbindAll() : either.unbindAllAsync());
}

/**
 * Makes a node: its config is checked, its services come from the container, those that take time to make included.
 * @throws SluiceError CONFIG_INVALID, SERVICE_MISSING, SERVICE_FAILED
 */
export async function makeNode(cls: NodeClass, id: string, config: object, container: Container): Promise<object> {
  const spec = nodeSpec(cls);
  const checked = makeConfig(configClass(spec), config, id);
  const own = childOf(container);
  for (const token of spec.inject ?? []) if (!own.isBound(token)) throw missing(id, token);
  own.bind(CONFIG).toConstantValue(checked);
  own.bind(cls).toSelf().inTransientScope();
  try {
    return await own.getAsync<object>(cls);
  } catch (error) {
    throw SluiceError.from(error, 'SERVICE_FAILED', {
      node: id,
      hint: 'The message is that of the service, or of the constructor, that failed.',
    });
  }
}

function missing(node: string, token: symbol): SluiceError {
  const name = (token.description ?? '').replace(/^sluice\.token:/, '');
  return new SluiceError('SERVICE_MISSING', `${node} needs the service ${name}, which nobody provides.`, {
    node,
    hint: 'Bind its token in your container, or give createEngine({ services: [provide(TOKEN, value)] }).',
  });
}
