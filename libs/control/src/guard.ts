import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Actor } from './access/access';
import type { AuditLog } from './access/audit-log';
import type { AccessScope } from './access/token-store';

/** What a route asks of who calls it. */
export interface RouteGuard {
  /** `public`: no token, also where others can reach the server. */
  readonly scope: AccessScope | 'public';
  /** What it changes, for the audit: `run.start`. A route that changes nothing has none. */
  readonly action?: string;
}

/** A route as the policy shows it. */
export interface GuardedRoute extends RouteGuard {
  readonly method: string;
  readonly url: string;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    guard?: RouteGuard;
    /** A POST that computes and changes nothing. */
    pure?: boolean;
    /** It gives text as somebody wrote it, which must come back the same: what is secret in its other parts it takes out itself. */
    verbatim?: boolean;
  }
  interface FastifyRequest {
    actor: Actor;
    /** Names one piece of work across requests, runs, jobs and records. */
    correlationId: string;
    /** What the record of this request says it was about; default its address. */
    auditTarget?: string;
    auditMeta?: Readonly<Record<string, unknown>>;
  }
}

export interface GuardOptions {
  readonly access: Access;
  readonly audit: AuditLog | undefined;
  /** Whether others can reach the server. */
  readonly open: boolean;
  /** Host names that it answers to beside addresses, where others can reach it. */
  readonly hosts: readonly string[];
  /** Origins of pages that may call it beside its own. */
  readonly origins: readonly string[];
  /** Throws where this address has asked too often. */
  readonly limit: (request: FastifyRequest, kind: 'read' | 'change') => Promise<void>;
}

/** The page is ours alone: nothing from elsewhere is loaded, nobody frames it, no other site reads it. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self'; worker-src 'self' blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
const SAFE_ID = /^[\w.:-]{1,128}$/;
const READS = ['GET', 'HEAD', 'OPTIONS'];

/** Whether a name or address is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Stands before every route: security headers, Host and Origin, rate, who asks and whether they may, and a record of every change that was
 * asked for, whether it was allowed or not. A route that changes something and does not say who may is refused when it is added.
 * @returns the routes as they are added
 */
export function guard(app: FastifyInstance, options: GuardOptions): readonly GuardedRoute[] {
  const routes: GuardedRoute[] = [];
  const { access, audit } = options;
  app.decorateRequest('actor', null as unknown as Actor);
  app.decorateRequest('correlationId', '');
  app.addHook('onRoute', (route) => {
    const methods = [route.method].flat();
    const changes = methods.some((method) => !READS.includes(method)) && route.config?.pure !== true;
    const own = route.config?.guard;
    if (changes && (own?.action === undefined || own.scope === 'read')) {
      throw new SluiceError('ROUTE_UNGUARDED', `${methods.join(', ')} ${route.url} changes something and does not say who may.`, {
        hint: 'Give it config.guard with an action and the scope operate or admin, or config.pure where it changes nothing.',
      });
    }
    const set: RouteGuard = own ?? { scope: methods.every((method) => method === 'OPTIONS') ? 'public' : 'read' };
    route.config = { ...route.config, guard: set };
    for (const method of methods) if (method !== 'HEAD' && method !== 'OPTIONS') routes.push({ method, url: route.url, ...set });
  });
  app.addHook('onRequest', async (request, reply) => {
    request.actor = { id: 'anonymous', scope: undefined };
    request.correlationId = correlationOf(request);
    reply.headers({ ...HEADERS, 'cache-control': 'no-store', 'x-request-id': request.id, 'x-correlation-id': request.correlationId });
    host(request, options);
    origin(request, options);
    const own = request.routeOptions.config.guard;
    const refused = identify(request, access);
    await options.limit(request, own?.action === undefined ? 'read' : 'change');
    if (own?.scope === 'public') return;
    if (refused !== undefined) throw refused;
    if (own === undefined) return;
    access.demand(request.actor, own.scope);
    if (own.action !== undefined) audit?.ready();
  });
  app.addHook('onResponse', async (request, reply) => record(request, reply, audit));
  return routes;
}

/** The record of a change; `failed` is put there by the error handler. */
function record(request: FastifyRequest, reply: FastifyReply, audit: AuditLog | undefined): void {
  const action = request.routeOptions.config.guard?.action;
  if (action === undefined) return;
  const { statusCode } = reply;
  const code = reply.failed;
  audit?.write({
    actor: request.actor.id,
    action,
    target: request.auditTarget ?? decoded(request.url),
    status: code === undefined && statusCode < 400 ? 'ok' : [401, 403, 429].includes(statusCode) ? 'denied' : 'error',
    reason: code ?? 'ok',
    request_id: request.id,
    correlation_id: request.correlationId,
    meta: { method: request.method, http_status: statusCode, address: request.socket.remoteAddress ?? '', ...request.auditMeta },
  });
}

declare module 'fastify' {
  interface FastifyReply {
    /** Code of the fault that it tells of. */
    failed?: string;
  }
}

/** The address without its query, which may hold anything. */
function decoded(url: string): string {
  return url.split('?')[0]!.slice(0, 256);
}

/**
 * A foreign page whose name was made to resolve to this machine (DNS rebinding) still sends its own name. Where others can reach the
 * server, an address is no name that could have been made to, and names must be known.
 */
function host(request: FastifyRequest, { open, hosts }: GuardOptions): void {
  const given = request.headers.host ?? '';
  const name = given.replace(/:\d*$/, '').toLowerCase();
  if (isLoopback(name)) return;
  if (open && (hosts.includes(name) || /^\[[0-9a-f:.]+\]$/.test(name) || /^\d{1,3}(\.\d{1,3}){3}$/.test(name))) return;
  throw new SluiceError('HOST_REFUSED', `This server does not answer to the host name ${JSON.stringify(given.slice(0, 200))}.`, {
    hint: open ? 'Start it with --allow-host and that name.' : 'Open it as http://127.0.0.1 or http://localhost, with its port.',
  });
}

/** A page of another site may neither change nor read: browsers name the site that a call comes from. */
function origin(request: FastifyRequest, { origins }: GuardOptions): void {
  const given = request.headers.origin;
  if (given === undefined || origins.includes(given)) return;
  const own = request.headers.host ?? '';
  if (given === `http://${own}` || given === `https://${own}`) return;
  throw new SluiceError('ORIGIN_REFUSED', `Pages of ${JSON.stringify(given.slice(0, 200))} may not call this server.`, {
    hint: 'Open its own page, or start it with --allow-origin and that address.',
  });
}

/** Who asks. @returns why a token is refused: that is told only where one is needed, and to who does not guess too often */
function identify(request: FastifyRequest, access: Access): unknown {
  try {
    request.actor = access.actor(request);
    return undefined;
  } catch (error) {
    return error;
  }
}

export function correlationOf(request: FastifyRequest): string {
  const given = request.headers['x-correlation-id'];
  return typeof given === 'string' && SAFE_ID.test(given) ? given : request.id;
}
