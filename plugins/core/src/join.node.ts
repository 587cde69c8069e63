import { Any, Node, port, type Packet } from '@sluice/sdk';

const branch = (name: string) => port(Any, `One branch; its payload is \`${name}\` of the result.`, { optional: true });

@Node({
  type: 'core/join',
  kind: 'transform',
  summary: 'Puts together what belongs together: one packet of each connected input becomes one object.',
  doc:
    'The payload of the result has a field for each input that took part: `{ a, b }`. What belongs together, how many inputs are enough and what ' +
    'becomes of the rest is said by `join` beside `config`: `join: { on: all | any | first | quorum, n, by, timeout, late, max_held }`. Without it ' +
    'all connected inputs are waited for (`join: all`). Without `by` packets belong together that come from one packet of a source; a branch that ' +
    'gave nothing for it, such as one behind a filter or a switch, is known not to come, and `late` decides: `evict` lets go and counts ' +
    '(`join_evicted_total`), `fire` sends what there is, `error` fails with JOIN_INCOMPLETE. With `by: payload.id` packets of different sources belong ' +
    'together; set a `timeout` there, for nobody knows what will still come.',
  in: { a: branch('a'), b: branch('b'), c: branch('c'), d: branch('d'), e: branch('e'), f: branch('f'), g: branch('g'), h: branch('h') },
  out: { out: port(Any, 'An object with the payload of each input by its name.') },
  examples: [{ title: 'A fork put together again', config: {} }],
})
export class JoinNode {
  /** The join itself is the runtime's and stands before this node. */
  process(packet: Packet): Packet {
    return packet;
  }
}
