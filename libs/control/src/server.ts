import { SluiceError, type Log } from '@sluice/sdk';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastifyCors } from '@fastify/cors';
import { fastifyRateLimit } from '@fastify/rate-limit';
import { join } from 'node:path';
import { Access } from './access/access';
import { AuditLog } from './access/audit-log';
import { TokenStore } from './access/token-store';
import { routeChecks } from './checks';
import type { Deps, WorkDeps } from './deps';
import { answer, unreadable } from './fault';
import { GraphLibrary } from './graphs/library';
import { GraphVersions } from './graphs/versions';
import { guard, isLoopback } from './guard';
import { Health } from './health';
import { Jobs } from './jobs';
import { Frames } from './live/frames';
import { Series } from './live/series';
import { describeApi, openApiRoute } from './openapi';
import { redactor } from './redact';
import { addShapes } from './schemas';
import { addRoutes } from './routes';
import { pageRoutes } from './routes/page';
import { shutdownRoutes } from './routes/shutdown';
import type { Runs } from './runs';
import { Sampler } from './sampler';
import { Streams } from './streams';
import { Supervisor } from './supervisor';
import type { Workspace } from './workspace';

/** What an HTTP API is started with. */
export interface ServerOptions {
  /** What the server shows. */
  readonly runs: Runs;
  /** Default 127.0.0.1; where others can reach it, everything needs a token. */
  readonly host?: string;
  /** Default 7420; 0 takes a free one. */
  readonly port?: number;
  /** Folder of the console as it was built, served at `/`; false serves no page. Left out, the page says how to build it. */
  readonly page?: string | false;
  /** How long a request may take to arrive, ms; default 10 000. Who sends a byte now and then does not hold a connection. */
  readonly requestTimeout?: number;
  readonly log?: Pick<Log, 'error'>;
  /** The graphs that it works on; without it the server shows the runs and no more. */
  readonly workspace?: Workspace;
  /** Default: those in the state folder of the workspace. */
  readonly tokens?: TokenStore;
  /** Lets whoever is on this machine change things without a token. */
  readonly allowLocalMutations?: boolean;
  /** Host names that it answers to beside addresses, where others can reach it. */
  readonly hosts?: readonly string[];
  /** Origins of pages, beside its own, that may call it. */
  readonly origins?: readonly string[];
  /** Values that must not leave the process; asked each time. */
  readonly secrets?: () => readonly string[];
  /** Requests of one address in a minute; default 6000 that read, 300 that change. */
  readonly rate?: { readonly read?: number; readonly change?: number };
  /** Asked to end by POST /api/v1/shutdown; without it there is no such route. */
  readonly onShutdown?: () => void;
  /** Of the audit files. */
  readonly audit?: { readonly maxBytes?: number; readonly maxFiles?: number };
}

/** A running HTTP API. */
export interface Server {
  /**
   * Listens and gives its address.
   * @throws SluiceError PORT_BUSY, PORT_REFUSED
   */
  listen(): Promise<string>;
  /** Ends all streams at once and closes. */
  close(): Promise<void>;
  /** A token for this process only: what `serve` puts into the link that it prints. */
  newToken(): string;
  /** The Fastify instance: for tests, and for an app that adds routes of its own before it listens. */
  readonly app: FastifyInstance;
}

/** Port of the HTTP API where none is named. */
export const DEFAULT_PORT = 7420;
const REQUEST_TIMEOUT_MS = 10_000;
/** A browser opens half a dozen. */
const MAX_CONNECTIONS = 512;
const RATE = { read: 6_000, change: 300 };
const BODY_LIMIT = 1024 ** 2;

/**
 * The HTTP API of this process (contracts.md).
 * @throws SluiceError HOST_NOT_LOCAL where others could reach it and there is no token
 */
export function createServer(options: ServerOptions): Server {
  const { runs, host = '127.0.0.1', port = DEFAULT_PORT, requestTimeout = REQUEST_TIMEOUT_MS } = options;
  const { workspace, hosts = [], origins = [], rate = {} } = options;
  const open = !isLoopback(host);
  const tokens = options.tokens ?? new TokenStore(workspace === undefined ? undefined : join(workspace.state, 'tokens.json'));
  if (open && tokens.list().length === 0) {
    throw new SluiceError('HOST_NOT_LOCAL', `${host} can be reached by others, and there is no token.`, {
      hint: 'Make one with `sluice token new`, or leave --host out.',
    });
  }
  const access = new Access({ open, tokens, allowLocalMutations: options.allowLocalMutations ?? false });
  const redact = redactor(options.secrets ?? (() => []));
  runs.events.redact = redact;
  const audit =
    workspace === undefined ? undefined : new AuditLog(join(workspace.state, 'audit', 'control.jsonl'), { ...options.audit, redact });
  const sampler = new Sampler(runs);
  const streams = new Streams();
  const fail = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { status, body, internal } = answer(thrown, request.id, request.correlationId === '' ? request.id : request.correlationId);
    reply.failed = body.error.code;
    if (internal) options.log?.error('request failed', { request_id: request.id, url: request.url, error: thrown });
    return reply.code(status).send(body);
  };
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    // A durable edge's queue is called by its graph and both its ends.
    routerOptions: { maxParamLength: 1_000 },
    ajv: { customOptions: { removeAdditional: false, allowUnionTypes: true } },
    schemaController: routeChecks,
    genReqId: () => randomUUID(),
    requestTimeout,
    http: { requireHostHeader: false, headersTimeout: requestTimeout, connectionsCheckingInterval: Math.min(1000, requestTimeout) },
    frameworkErrors: (error, request, reply) => void fail(error, request, reply),
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      const { status, body } = answer(unreadable(error.code), randomUUID(), '');
      const text = JSON.stringify(body);
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
        () => socket.destroy(),
      );
    },
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) =>
    fail(
      new SluiceError('ROUTE_NOT_FOUND', `There is no ${request.method} ${request.url.split('?')[0]}.`, {
        hint: 'GET /api/v1/openapi.json describes all there is.',
      }),
      request,
      reply,
    ),
  );
  app.addHook('onSend', async (request, _reply, payload) =>
    typeof payload === 'string' && request.routeOptions.config.verbatim !== true ? redact(payload) : payload,
  );
  const routes = guard(app, {
    access,
    audit,
    open,
    hosts: hosts.map((name) => name.toLowerCase()),
    origins,
    limit: limiter(app, { ...RATE, ...rate }),
  });
  void app.register(fastifyRateLimit, { global: false });
  if (origins.length > 0)
    void app.register(fastifyCors, { origin: [...origins], credentials: true, methods: ['GET', 'POST', 'PUT', 'DELETE'] });
  describeApi(app);
  const jobs = new Jobs(runs.events, (job, { request_id, correlation_id }) =>
    audit?.write({
      actor: job.actor,
      action: `${job.kind}.ended`,
      target: job.target,
      status: job.state === 'done' ? 'ok' : 'error',
      reason: job.error?.code ?? 'ok',
      request_id: request_id ?? '',
      correlation_id: correlation_id ?? '',
      meta: { job: job.id, state: job.state },
    }),
  );
  const deps: Deps = {
    runs,
    sampler,
    frames: new Frames(runs, sampler, redact),
    series: new Series(runs, sampler),
    streams,
    access,
    audit,
    jobs,
    health: new Health(runs, audit),
    redact,
    routes,
    origins,
  };
  const work: WorkDeps | undefined =
    workspace === undefined
      ? undefined
      : {
          ...deps,
          workspace,
          library: new GraphLibrary(workspace),
          versions: new GraphVersions(join(workspace.state, 'graphs')),
          supervisor: new Supervisor(workspace, runs),
        };
  void app.register(async (api) => {
    addShapes(api);
    addRoutes(api, deps, work);
    if (options.onShutdown !== undefined) shutdownRoutes(api, options.onShutdown);
    openApiRoute(api);
    if (options.page !== false) pageRoutes(api, options.page);
  });
  app.addHook('preClose', async () => {
    sampler.stop();
    streams.close();
    await work?.supervisor.close();
  });
  return {
    app,
    async listen() {
      try {
        await app.listen({ host, port });
      } catch (error) {
        throw await listenFault(error, host, port).finally(() => app.close());
      }
      sampler.start();
      const { port: taken } = app.server.address() as AddressInfo;
      return `http://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    },
    close: () => app.close(),
    newToken: () => access.ephemeral.create('link', 'admin').secret,
  };
}

/** Throws where one token, or one address without, asks more often than it may in a minute: who floods a server locks out nobody but himself. */
function limiter(app: FastifyInstance, rate: { readonly read: number; readonly change: number }) {
  type Check = ReturnType<FastifyInstance['createRateLimit']>;
  let checks: Readonly<Record<'read' | 'change', Check>> | undefined;
  return async (request: FastifyRequest, kind: 'read' | 'change'): Promise<void> => {
    // The plugin is there when the first request is.
    const keyGenerator = ({ actor, ip }: FastifyRequest): string => (actor.id.startsWith('token:') ? actor.id : ip);
    checks ??= {
      read: app.createRateLimit({ max: rate.read, timeWindow: 60_000, keyGenerator }),
      change: app.createRateLimit({ max: rate.change, timeWindow: 60_000, keyGenerator }),
    };
    const result = await checks[kind](request);
    if (!('isExceeded' in result) || !result.isExceeded) return;
    throw new SluiceError('RATE_LIMITED', `More than ${rate[kind]} requests came within a minute.`, {
      hint: `Ask again in ${result.ttlInSeconds} s.`,
      details: { retry_after_s: result.ttlInSeconds },
      retryable: true,
    });
  };
}

async function listenFault(error: unknown, host: string, port: number): Promise<SluiceError> {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new SluiceError('PORT_BUSY', `Port ${port} on ${host} is taken by another program.`, {
        hint: `Stop that program, or take another port: --port ${port + 1}, or --port 0 for any free one.`,
        cause: error,
      });
    case 'EACCES':
      return new SluiceError('PORT_REFUSED', `The system does not let this user open port ${port}.`, {
        hint: 'Take a port above 1023 with --port.',
        cause: error,
      });
    default:
      return SluiceError.from(error, 'LISTEN_FAILED', { hint: `Is ${host} an address of this machine?` });
  }
}
