import type { Plan } from '@sluice/graph';
import type { Engine, Run, StartOptions } from '@sluice/runtime';
import { SluiceError, type Log } from '@sluice/sdk';
import { assetPath } from './assets';
import { loadPlugins } from './plugins';
import { secretOf } from './secrets';
import { runningStore } from './store';
import { lazy } from './lazy';

/** An engine with the plugins that the plan needs, and no others. */
export function engineFor(plan: Plan, log: Log): Engine {
  const { createEngine } = lazy('@sluice/runtime');
  return createEngine({
    plugins: loadPlugins(plan.nodes.map((node) => node.type)),
    assets: assetPath,
    env: process.env,
    secret: secretOf,
    store: runningStore,
    log,
  });
}

/**
 * Starts a checked plan and resolves when every node is open.
 * @param started called with the run at once: before anything flows
 * @throws SluiceError that kept it from starting
 */
export async function startRun(engine: Engine, plan: Plan, options: StartOptions, started: (run: Run) => void): Promise<Run> {
  const run: Run = engine.start({ ...plan, io: { in: {}, out: {} } }, options);
  started(run);
  try {
    await run.ready;
  } catch (error) {
    // Its nodes are closed and its children have ended before the command says why.
    await run.done;
    throw SluiceError.from(error, 'RUN_NOT_STARTED', { hint: 'The message names what failed; `sluice doctor` looks at this machine.' });
  }
  return run;
}
