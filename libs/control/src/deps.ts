import type { FastifyRequest } from 'fastify';
import type { Access } from './access/access';
import type { AuditLog } from './access/audit-log';
import type { Cause } from './event-log';
import type { GraphLibrary } from './graphs/library';
import type { GraphVersions } from './graphs/versions';
import type { GuardedRoute } from './guard';
import type { Health } from './health';
import type { Jobs } from './jobs';
import type { Frames } from './live/frames';
import type { Series } from './live/series';
import type { Runs } from './runs';
import type { Sampler } from './sampler';
import type { Streams } from './streams';
import type { Supervisor } from './supervisor';
import type { Workspace } from './workspace';

/** What the routes are made of. */
export interface Deps {
  readonly runs: Runs;
  readonly sampler: Sampler;
  readonly frames: Frames;
  readonly series: Series;
  readonly streams: Streams;
  readonly access: Access;
  readonly audit: AuditLog | undefined;
  readonly jobs: Jobs;
  readonly health: Health;
  /** Takes secrets out of text. */
  readonly redact: (text: string) => string;
  /** All routes there are, as they are guarded. */
  readonly routes: readonly GuardedRoute[];
  readonly origins: readonly string[];
}

/** What the routes on graphs need, too: a server that only shows runs has none of it. */
export interface WorkDeps extends Deps {
  readonly workspace: Workspace;
  readonly library: GraphLibrary;
  readonly versions: GraphVersions;
  readonly supervisor: Supervisor;
}

/** Both ids of a request, for what it causes. */
export function causeOf(request: FastifyRequest): Cause {
  return { request_id: request.id, correlation_id: request.correlationId };
}
