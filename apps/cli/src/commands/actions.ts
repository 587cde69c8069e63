import { actionParts, list, nullable, ok, shape, text } from '@sluice/control/schemas';
import type { ActionFilter } from '@sluice/store';
import { EXIT, type Exit } from '../exit';
import { lazy } from '../lazy';
import type { Outputs } from '../outputs';
import { plain, type Terminal } from '../terminal';
import { withStore } from './journal';

export const OUTPUTS: Outputs = {
  'actions list': ok({ actions: list(shape(actionParts)), next: nullable(text) }),
};

/** `sluice actions list`: what waits for a person, and what to say about it. */
export function listActions(terminal: Terminal, filter: ActionFilter): Promise<Exit> {
  return withStore(async (store) => {
    const { actionsWaiting, span } = lazy('@sluice/store');
    const { actions, next } = await actionsWaiting(store, filter);
    if (terminal.json) {
      terminal.object({ ok: true, actions, next });
      return EXIT.ok;
    }
    if (actions.length === 0) terminal.note('Nothing waits for a decision.');
    const now = store.clock.now();
    const cells = actions.map(({ since, kind, id, reason }) => [
      span(now - since),
      kind,
      plain(`${id}${reason === null ? '' : `: ${reason}`}`),
    ]);
    for (const line of terminal.table(cells)) terminal.out(line);
    if (actions.length > 0) {
      terminal.note('Find out whether it happened, then say `sluice runs skip <id>` where it did,');
      terminal.note('`sluice runs retry <id>` where it did not.');
    }
    if (next !== null) terminal.note(`There are more: --after ${next}`);
    return EXIT.ok;
  });
}
