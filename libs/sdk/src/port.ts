import { ANY_TYPE, type JsonSchema, type Profile } from './catalogue';

declare const VALUE: unique symbol;

/** A named type that ports share. The name is what lint, console and wire compare; V is what TypeScript compares. */
export interface PortType<out V> {
  /** `pack/name@version`. */
  readonly name: string;
  readonly profile: Profile;
  /** The packet kind that an output of this type gives; undefined keeps the kind of the input. */
  readonly kind: string | undefined;
  /** The payload's class, where it has one. */
  readonly payload: (new () => V) | undefined;
  /** JSON Schema of the payload, where it was given one. */
  readonly schema?: JsonSchema;
  readonly [VALUE]?: V;
}

/**
 * Declares a port type.
 * @param name `pack/name@version`; the noun is also the packet's kind
 * @param payload the payload's class (then it is `json_portable`), or its profile and, where it has one, its JSON Schema
 */
export function portType<V>(
  name: `${string}/${string}@${number}`,
  payload: (new () => V) | { profile: Profile; schema?: JsonSchema },
): PortType<V> {
  const made = typeof payload === 'function';
  return Object.freeze({
    name,
    profile: made ? 'json_portable' : payload.profile,
    kind: name.slice(name.indexOf('/') + 1, name.lastIndexOf('@')),
    payload: made ? payload : undefined,
    ...(made || payload.schema === undefined ? {} : { schema: payload.schema }),
  });
}

/** Fits every port; keeps the kind of what comes in. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any is this type's meaning: it must fit inputs and outputs of every type
export const Any: PortType<any> = Object.freeze({ name: ANY_TYPE, profile: 'inproc_any', kind: undefined, payload: undefined });

/** An encoded picture. An output of this type can be watched in the console and at `/preview.jpg`. */
export interface Image {
  readonly content_type: 'image/jpeg' | 'image/png';
  readonly data: Uint8Array;
}
export const Image = portType<Image>('sluice/image@1', { profile: 'inproc_any' });

/** An input or output of a node type: its type, a sentence, whether it may be left unconnected. */
export interface Port<out V> {
  readonly type: PortType<V>;
  readonly doc: string;
  readonly optional?: boolean;
  /** Outputs of a transform: what does not fit the schema of the type is a failure of the call. */
  readonly checked?: boolean;
}

/** Declares a port: its type and one sentence on what passes there. */
export function port<V>(type: PortType<V>, doc: string, options: { optional?: boolean; checked?: boolean } = {}): Port<V> {
  return { type, doc, ...options };
}

/** Ports by name. */
export type Ports = Readonly<Record<string, Port<unknown>>>;
/** The payload of a port or a port type. */
export type PayloadOf<P> = P extends PortType<infer V> ? V : P extends Port<infer V> ? V : never;
