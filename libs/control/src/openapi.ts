import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Makes the description of the API from its routes; they must be added after it. */
export function describeApi(app: FastifyInstance): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sluice',
        version: '1',
        description:
          'The HTTP API of a running Sluice. Every fault is an `Error` with a code; `x-request-id` and `x-correlation-id` are in every answer. ' +
          'On loopback reading needs no token; every change does.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'sluice_session_<port>' },
        },
      },
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, i) => (typeof json.$id === 'string' ? json.$id : `def-${i}`) },
    transform: ({ schema, url, route }) => {
      const guard = route.config?.guard;
      const pure = guard === undefined || guard.scope === 'public';
      return {
        url,
        schema: {
          ...schema,
          ...(pure ? {} : { security: [{ bearer: [] }, { session: [] }], 'x-scope': guard.scope }),
          ...(guard?.action === undefined ? {} : { 'x-action': guard.action }),
        } as typeof schema,
      };
    },
  });
}

/** `/api/v1/openapi.json`. */
export function openApiRoute(app: FastifyInstance): void {
  app.get('/api/v1/openapi.json', { config: { guard: { scope: 'public' } }, schema: { hide: true } }, () => app.swagger());
}
