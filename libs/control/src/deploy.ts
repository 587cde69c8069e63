import { planDiff, type Plan } from '@sluice/graph';
import type { Run } from '@sluice/runtime';
import { SluiceError } from '@sluice/sdk';
import type { Cause } from './event-log';
import type { WorkDeps } from './deps';
import type { JobControl } from './jobs';
import { graphNameOf } from './routes/runs';

/** What a deployment did. */
export interface Deployed {
  readonly run: string;
  /**
   * `started` where nothing ran, `unchanged` where this very plan runs, `swapped` where another run took over with the nodes that are kept,
   * `replaced` where the old run had to end first.
   */
  readonly mode: 'started' | 'unchanged' | 'swapped' | 'replaced';
  readonly kept: readonly string[];
  readonly replaced: readonly string[];
}

/** What a plan is compared with where nothing runs. */
export const NOTHING: Plan = { version: 1, name: '', hash: '', nodes: [], edges: [], inputs: [], outputs: [], layers: {} };

interface Order {
  readonly name: string;
  readonly plan: Plan;
  readonly params: Readonly<Record<string, unknown>>;
  readonly cause: Cause;
  readonly control: JobControl;
}

/** Lets a plan run in place of what runs of its graph. */
export async function deploy(deps: WorkDeps, { name, plan, params, cause, control }: Order): Promise<Deployed> {
  const { runs, supervisor } = deps;
  const old = runs.list().findLast((run) => run.figures().state !== 'done' && graphNameOf(run, deps) === name);
  if (old === undefined) {
    const run = supervisor.start(plan, { cause, params });
    await run.ready;
    return { run: run.id, mode: 'started', kept: [], replaced: plan.nodes.map(({ id }) => id) };
  }
  if (planDiff(old.plan, plan).same) return { run: old.id, mode: 'unchanged', kept: plan.nodes.map(({ id }) => id), replaced: [] };
  const swapped = swap(deps, old, plan, params, cause);
  if (swapped !== undefined) {
    const { run, kept, returned } = swapped;
    control.log(`${old.id} flows out; ${kept.length} of ${plan.nodes.length} nodes go on in ${run.id}`);
    control.progress(0.5, 'flowing out');
    await run.ready.catch((error: unknown) => back(error, run, returned(), control));
    return { run: run.id, mode: 'swapped', kept, replaced: plan.nodes.flatMap(({ id }) => (kept.includes(id) ? [] : [id])) };
  }
  control.progress(0.2, `draining ${old.id}`);
  control.log(`draining ${old.id}: it cannot be changed while it runs`);
  const report = await old.drain({ timeout: '30s' });
  control.log(`${old.id} ended ${report.status}`);
  control.progress(0.7, 'starting');
  const run = supervisor.start(plan, { cause, params });
  const again = (): Run => supervisor.start(old.plan, { cause, params: runs.params(old.id) });
  await run.ready.catch((error: unknown) => back(error, run, again(), control));
  control.log(`${run.id} runs`);
  return { run: run.id, mode: 'replaced', kept: [], replaced: plan.nodes.map(({ id }) => id) };
}

/**
 * Waits until the plan that ran before runs again.
 * @throws SluiceError DEPLOY_FAILED always
 */
async function back(thrown: unknown, failed: Run, again: Run | undefined, control: JobControl): Promise<never> {
  const { code, message, node } = SluiceError.from(thrown, 'NODE_OPEN');
  control.log(`${failed.id} could not start: ${message}`);
  const goes = await again?.ready.then(
    () => true,
    () => false,
  );
  const now =
    again !== undefined && goes === true ? `What ran before goes on in ${again.id}.` : 'What ran before could not be started again.';
  control.log(now);
  throw new SluiceError('DEPLOY_FAILED', `${node === undefined ? '' : `${node} did not open: `}${message} ${now}`, {
    hint: 'Correct the graph, then deploy it again.',
    details: { code, node: node ?? null, run: goes === true ? (again?.id ?? null) : null },
    cause: thrown,
  });
}

/** The run that takes over, with the nodes that go on in it; undefined where this one cannot be changed while it runs. */
function swap(
  { supervisor }: WorkDeps,
  old: Run,
  plan: Plan,
  params: Order['params'],
  cause: Cause,
): { readonly run: Run; readonly kept: readonly string[]; readonly returned: () => Run | undefined } | undefined {
  let kept: readonly string[] = [];
  let again: Run | undefined;
  const told = old.events.subscribe(({ event, details }) => {
    if (event === 'run:replaced') ({ kept } = details as { kept: readonly string[] });
  });
  try {
    const run = supervisor.replace(old, plan, { cause, params }, (one) => (again = one));
    return { run, kept, returned: () => again };
  } catch (error) {
    if (SluiceError.is(error, 'RUN_NOT_REPLACED') || SluiceError.is(error, 'NODE_UNKNOWN')) return undefined;
    throw error;
  } finally {
    told.unsubscribe();
  }
}
