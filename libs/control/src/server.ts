import { SluiceError, type Log } from '@sluice/sdk';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer, unreadable } from './fault';
import { guard, isLoopback } from './guard';
import { eventRoutes } from './routes/events';
import { healthRoutes } from './routes/health';
import { pageRoutes } from './routes/page';
import { previewRoutes } from './routes/preview';
import { runRoutes } from './routes/runs';
import type { Runs } from './runs';
import { Sampler } from './sampler';
import { Streams } from './streams';

export interface ServerOptions {
  /** What the server shows. */
  readonly runs: Runs;
  /** Default 127.0.0.1; only addresses of this machine. */
  readonly host?: string;
  /** Default 7420; 0 takes a free one. */
  readonly port?: number;
  /** Whether the page at `/` is served; default true. */
  readonly page?: boolean;
  /** How long a request may take to arrive, ms; default 10 000. Who sends a byte now and then does not hold a connection. */
  readonly requestTimeout?: number;
  readonly log?: Pick<Log, 'error'>;
}

export interface Server {
  /**
   * Listens and gives its address.
   * @throws SluiceError PORT_BUSY, PORT_REFUSED, HOST_NOT_LOCAL
   */
  listen(): Promise<string>;
  /** Ends all streams at once and closes. */
  close(): Promise<void>;
  /** The Fastify instance: for tests, and for an app that adds routes of its own before it listens. */
  readonly app: FastifyInstance;
}

export const DEFAULT_PORT = 7420;
const REQUEST_TIMEOUT_MS = 10_000;
/** A browser opens half a dozen. */
const MAX_CONNECTIONS = 512;
const SAFE_ID = /^[\w.:-]{1,128}$/;

/** The HTTP API of this process (contracts.md). */
export function createServer(options: ServerOptions): Server {
  const { runs, host = '127.0.0.1', port = DEFAULT_PORT, requestTimeout = REQUEST_TIMEOUT_MS } = options;
  if (!isLoopback(host)) {
    throw new SluiceError('HOST_NOT_LOCAL', `${host} can be reached by others, and this server has no login yet.`, {
      hint: 'Leave --host out, and put a proxy that asks for a login in front of it.',
    });
  }
  const sampler = new Sampler(runs);
  const streams = new Streams();
  const fail = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const { status, body, internal } = answer(thrown, request.id, correlationOf(request));
    if (internal) options.log?.error('request failed', { request_id: request.id, url: request.url, error: thrown });
    return reply.code(status).send(body);
  };
  const app = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: 1024 ** 2,
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
        hint: 'See /api/v1/runs, /metrics, /readyz, /preview.jpg.',
      }),
      request,
      reply,
    ),
  );
  guard(app);
  healthRoutes(app, runs);
  runRoutes(app, runs, sampler);
  previewRoutes(app, runs, streams);
  eventRoutes(app, runs, sampler, streams);
  if (options.page !== false) pageRoutes(app);
  app.addHook('preClose', async () => {
    sampler.stop();
    streams.close();
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
  };
}

function correlationOf(request: FastifyRequest): string {
  const given = request.headers['x-correlation-id'];
  return typeof given === 'string' && SAFE_ID.test(given) ? given : request.id;
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
