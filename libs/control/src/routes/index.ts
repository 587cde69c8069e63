import type { FastifyInstance } from 'fastify';
import type { Deps, WorkDeps } from '../deps';
import { actionRoutes } from './actions';
import { assetRoutes } from './assets';
import { auditRoutes } from './audit';
import { doctorRoutes } from './doctor';
import { edgeRoutes } from './edges';
import { eventRoutes } from './events';
import { graphRoutes } from './graphs';
import { healthRoutes } from './health';
import { jobRoutes } from './jobs';
import { journalRoutes } from './journal';
import { liveNodeRoutes, nodeRoutes } from './nodes';
import { policyRoutes } from './policy';
import { presetRoutes } from './presets';
import { previewRoutes } from './preview';
import { queueRoutes } from './queues';
import { graphNameOf, runRoutes, startRoutes } from './runs';
import { tapRoutes } from './taps';
import { tokenRoutes } from './tokens';

/**
 * All routes, a file for each concept. A server that has no folder of
 * graphs only shows its runs.
 */
export function addRoutes(app: FastifyInstance, deps: Deps, work: WorkDeps | undefined): void {
  healthRoutes(app, deps, work?.workspace);
  tokenRoutes(app, deps);
  runRoutes(app, deps, (run) => (work === undefined ? null : graphNameOf(run, work)));
  liveNodeRoutes(app, deps);
  edgeRoutes(app, deps);
  tapRoutes(app, deps);
  previewRoutes(app, deps);
  eventRoutes(app, deps);
  jobRoutes(app, deps);
  auditRoutes(app, deps);
  policyRoutes(app, deps);
  if (work === undefined) return;
  startRoutes(app, work);
  graphRoutes(app, work);
  nodeRoutes(app, work);
  presetRoutes(app, work);
  assetRoutes(app, work);
  doctorRoutes(app, work);
  queueRoutes(app, work);
  journalRoutes(app, work);
  actionRoutes(app, work);
}
