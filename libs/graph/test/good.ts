/** Graphs without a finding. */
export const FULL = `
version: 2
name: full
description: Everything that a graph can say.
params:
  video: { type: string, default: "\${env.VIDEO:samples/street.mp4}", description: What to read. }
  many: { type: integer, default: 3, minimum: 1 }
  token: { type: string, secret: true, default: "\${secret.TOKEN}" }
nodes:
  # Reads the clip.
  a:
    type: t/opts
    config:
      path: "\${params.video}"
      count: "\${env.COUNT:7}"
      loop: "\${env.LOOP:true}"
      wait: "\${params.many}s"
      labels: "\${env.LABELS:[]}"
      token: "Bearer \${params.token}"
      any: { plain: 1, mixed: "\${params.many} of $\${x}" }
  m:
    type: t/map
    retry: { max_attempts: 5, backoff: 50ms, max_backoff: 2s }
    timeout: 2s
    circuit: { failures: 3, reset: 1m }
    rate: 10/s
    idempotency: meta.idempotency_key
    fallback: { n: "\${params.many}" }
    on_error: stop
    concurrency: 8
    ordered: false
    placement: worker
    scope: orders
    durability: state
  p:
    type: t/pair
    join: { on: quorum, n: 2, by: payload.id, timeout: 30s, late: fire, max_held: 10 }
  b: { type: t/any }
  dead: { type: t/any }
edges:
  - a.out -> m: { when_full: latest, key: source_id, capacity: 16, max_age: 5s, max_bytes: 2MB }
  - m -> p.left
  - p -> b: { durable: true, max_rows: 1000, retain: 7d, max_attempts: 3, on_dead: park_key }
  - m.error -> dead: { lane: control, when_full: error }
inputs:
  orders: { type: t/a@1, to: p.right }
outputs:
  all: { type: t/a@1, from: p.out }
`;

export const SIMPLE = `
version: 2
nodes:
  a: { type: t/src }
  b: { type: t/print }
edges:
  - a -> b
`;

/** A sub-graph: a map between an input and an output, and a source of its own. */
export const INNER = `
version: 2
name: inner
params:
  size: { type: integer }
  word: { type: string, default: hello }
nodes:
  own: { type: t/opts, config: { count: "\${params.size}", path: "\${params.word}" } }
  pair: { type: t/pair }
edges:
  - own -> pair.right
inputs:
  orders: { type: t/a@1, to: pair.left }
outputs:
  pairs: { type: t/a@1, from: pair.out }
`;

export const OUTER = `
version: 2
nodes:
  a: { type: t/src }
  one: { type: graph/inner, config: { size: 4 } }
  two: { type: graph/inner, config: { size: "\${env.SIZE:5}", word: bye } }
  b: { type: t/print }
edges:
  - a -> one
  - one.pairs -> two.orders: { when_full: drop_oldest }
  - two -> b
`;
