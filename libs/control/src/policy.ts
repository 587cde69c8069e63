import { AUDIT_MAX_BYTES, AUDIT_MAX_FILES } from './access/audit-log';
import { SCOPES } from './access/token-store';
import type { Deps } from './deps';
import type { GuardedRoute } from './guard';

/** What the server lets whom do. */
export interface Policy {
  readonly version: 1;
  readonly mode: 'local' | 'token';
  readonly local_mutations: boolean;
  readonly scopes: readonly string[];
  readonly origins: readonly string[];
  readonly audit: { readonly enabled: boolean; readonly max_bytes: number; readonly max_files: number };
  readonly routes: readonly GuardedRoute[];
}

/** The policy as it is: the routes are those that were added, not a list beside them. */
export function policyOf({ access, audit, origins, routes }: Pick<Deps, 'access' | 'audit' | 'origins' | 'routes'>): Policy {
  return {
    version: 1,
    mode: access.mode,
    local_mutations: access.allowLocalMutations,
    scopes: SCOPES,
    origins,
    audit: { enabled: audit !== undefined, max_bytes: audit?.maxBytes ?? AUDIT_MAX_BYTES, max_files: audit?.maxFiles ?? AUDIT_MAX_FILES },
    routes: [...routes].sort((a, b) => (`${a.url} ${a.method}` < `${b.url} ${b.method}` ? -1 : 1)),
  };
}
