import { Any, Node, port } from '@sluice/sdk';

@Node({
  type: 'core/discard',
  kind: 'sink',
  summary: 'Takes packets and forgets them: an output that is left unread on purpose.',
  in: { in: port(Any, 'Anything.') },
  examples: [{ title: 'Nobody needs these', config: {} }],
})
export class DiscardNode {
  write(): void {
    // Taking it is all there is to do.
  }
}
