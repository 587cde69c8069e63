import type { Run, RunReport, Types, VirtualClock } from '@sluice/runtime';
import { SluiceError } from '@sluice/sdk';

/** Longest step of virtual time, ms. */
const STEP_MS = 60_000;
/** Real time without any change after which a run counts as hanging, ms. */
const PATIENCE_MS = 5_000;
/** The same while nodes open: a model may take long to load on a busy machine. */
const OPENING_MS = 60_000;

/**
 * Lets virtual time pass until a run is done.
 * @throws SluiceError TEST_HANGS that names what waits, where nothing moves and nothing ends
 */
export async function drive(run: Run<Types>, clock: VirtualClock): Promise<RunReport> {
  let over = false;
  void run.done.then(() => (over = true));
  let before = '';
  let since = performance.now();
  while (!over) {
    await clock.advance(STEP_MS, run.done);
    if (over) break;
    const now = state(run);
    if (now !== before) {
      before = now;
      since = performance.now();
    } else if (performance.now() - since > (opening(run) ? OPENING_MS : PATIENCE_MS)) throw hangs(run);
    // Files and sockets live in real time.
    else await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
  return run.done;
}

function opening(run: Run<Types>): boolean {
  return run.figures().nodes.some(({ state }) => state === 'starting');
}

function state(run: Run<Types>): string {
  const { nodes, edges, state: at } = run.figures();
  return JSON.stringify([
    at,
    nodes.map((node) => [node.state, node.consumed, node.produced, node.busy, node.errors]),
    edges.map((edge) => edge.in),
  ]);
}

function hangs(run: Run<Types>): SluiceError {
  const { nodes, edges } = run.figures();
  const busy = nodes.filter((node) => node.busy > 0).map((node) => `${node.id} (${node.busy} calls)`);
  const waiting = edges.filter((edge) => edge.in_flight > 0).map((edge) => `${edge.id} (${edge.in_flight} of ${edge.capacity})`);
  return new SluiceError('TEST_HANGS', `Nothing moves and nothing ends. Under way: ${list(busy)}. Waiting: ${list(waiting)}.`, {
    hint: 'Look for a call that waits for something that never comes, or end the sources.',
  });
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
