import { compilePayloadCheck, payloadSchema, SluiceError, type NodeSpec, type PayloadCheck } from '@sluice/sdk';
import { Packet, To } from '@sluice/sdk/packet';
import { map, type Observable } from 'rxjs';
import type { Call, Callee, Stage } from './stage';

/**
 * The node with a check of what it gives to ports that say `checked`; the node itself where none does. What does not fit
 * its schema is a failure of the call, before anybody else sees it.
 * @throws SluiceError PORT_SCHEMA where there is nothing to check by, or the kind of node has no calls
 */
export function checked(spec: NodeSpec, node: string, instance: Callee, stage: Pick<Stage, 'resultKind'>): Callee {
  const checks = new Map<string, PayloadCheck>();
  for (const [name, { type, checked: wanted }] of Object.entries(spec.out ?? {})) {
    if (wanted !== true) continue;
    const schema = payloadSchema(type);
    if (schema === undefined || spec.kind !== 'transform') {
      const why = schema === undefined ? `${type.name} has no schema` : `the outputs of a ${spec.kind} are not`;
      throw new SluiceError('PORT_SCHEMA', `Output ${name} cannot be checked: ${why}.`, {
        node,
        hint: 'Give portType() a class or a schema; only outputs of transforms are checked.',
      });
    }
    checks.set(name, compilePayloadCheck(schema));
  }
  if (checks.size === 0) return instance;
  const names = Object.keys(spec.out ?? {});
  const only = names.length === 1 ? checks.get(names[0]!) : undefined;

  const fits = (result: unknown): unknown => {
    const check = result instanceof To ? checks.get(result.to) : only;
    if (check === undefined) return result;
    const given: unknown = result instanceof To ? result.payload : result;
    const wrong = check(given instanceof Packet ? given.payload : given);
    if (wrong === '') return result;
    throw new SluiceError('NODE_OUTPUT_INVALID', `What it gave does not fit ${result instanceof To ? result.to : names[0]}: ${wrong}.`, {
      node,
      retryable: true,
      hint: 'Make it give what its port type says, or change the type.',
    });
  };
  const all = (result: unknown): unknown => {
    switch (stage.resultKind(result)) {
      case 'none':
        return result;
      case 'one':
        return fits(result);
      case 'promise':
        return (result as Promise<unknown>).then(all);
      case 'iterable':
        return each(result as Iterable<unknown>, fits);
      case 'async-iterable':
        return eachLater(result as AsyncIterable<unknown>, fits);
      case 'observable':
        return (result as Observable<unknown>).pipe(map(fits));
    }
  };
  const process: Call = (packet, ctx) => all(instance.process!(packet, ctx));
  return { process };
}

function* each(items: Iterable<unknown>, fits: (value: unknown) => unknown): Generator<unknown, void> {
  for (const item of items) yield item === undefined ? item : fits(item);
}

async function* eachLater(items: AsyncIterable<unknown>, fits: (value: unknown) => unknown): AsyncGenerator<unknown, void> {
  for await (const item of items) yield item === undefined ? item : fits(item);
}
