declare const VALUE: unique symbol;

/** An Inversify service identifier that knows the type of what it stands for. */
export type Token<V> = symbol & { readonly [VALUE]?: V };

/** Makes the token `pack/name`; the same name gives the same token, also across copies of this package. */
export function token<V>(name: `${string}/${string}`): Token<V> {
  return Symbol.for(`sluice.token:${name}`) as Token<V>;
}

/** Where a node's config is bound while its class is resolved. */
export const CONFIG: Token<object> = token('sluice/config');
