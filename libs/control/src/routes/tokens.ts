import { parseDuration } from '@sluice/sdk/catalogue';
import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SESSION_MS } from '../access/access';
import { SCOPES, type AccessScope } from '../access/token-store';
import type { Deps } from '../deps';
import { choice, described, list, named, nullable, ok, ref, shape, text, told } from '../schemas';

const SESSION = ok({ actor: text, scope: nullable(choice(...SCOPES)) });

/** `/api/v1/session`: a browser's way in. `/api/v1/tokens`: tokens made, listed, revoked. */
export function tokenRoutes(app: FastifyInstance, { access }: Deps): void {
  const cookie = (request: FastifyRequest, reply: FastifyReply, value: string, maxAge: number): void =>
    void reply.header(
      'set-cookie',
      `${access.cookieName(request)}=${value}; Max-Age=${maxAge}; Path=/; HttpOnly; SameSite=Strict${request.protocol === 'https' ? '; Secure' : ''}`,
    );

  app.get(
    '/api/v1/session',
    { schema: described('access', 'getSession', 'Who asks, and what they may.', { answer: SESSION }) },
    (request) => ({
      ok: true,
      actor: request.actor.id,
      scope: request.actor.scope ?? null,
    }),
  );

  app.post<{ Body: { token: string } }>(
    '/api/v1/session',
    {
      config: { guard: { scope: 'public', action: 'session.open' } },
      schema: described('access', 'openSession', 'Exchanges a token for a cookie: HttpOnly, SameSite=Strict.', {
        description: 'The page that was opened with `#token=` sends it here and forgets it.',
        body: shape({ token: { type: 'string', maxLength: 200 } }),
        answer: SESSION,
      }),
    },
    (request, reply) => {
      request.auditTarget = 'session';
      const { cookie: value, token } = access.open(request.body.token);
      request.actor = { id: `token:${token.id}`, scope: token.scope };
      cookie(request, reply, value, SESSION_MS / 1000);
      return { ok: true, actor: request.actor.id, scope: token.scope };
    },
  );

  app.delete(
    '/api/v1/session',
    {
      config: { guard: { scope: 'public', action: 'session.close' } },
      schema: described('access', 'closeSession', 'Forgets the session of this browser.', { answer: ok() }),
    },
    (request, reply) => {
      request.auditTarget = 'session';
      const value = access.cookieOf(request);
      if (value !== undefined) access.close(value);
      cookie(request, reply, '', 0);
      return { ok: true };
    },
  );

  app.get(
    '/api/v1/tokens',
    {
      config: { guard: { scope: 'admin' } },
      schema: described('access', 'listTokens', 'Tokens that are kept, never their secrets.', {
        answer: ok({ tokens: list(ref('Token')) }),
      }),
    },
    () => ({ ok: true, tokens: access.tokens.list() }),
  );

  app.post<{ Body: { name: string; scope: AccessScope; ttl?: string } }>(
    '/api/v1/tokens',
    {
      config: { guard: { scope: 'admin', action: 'token.create' } },
      schema: described('access', 'createToken', 'Makes a token. Its secret is shown this once.', {
        body: shape({
          name: { type: 'string', minLength: 1, maxLength: 64, pattern: '^[\\w .@-]+$' },
          'scope?': { ...choice(...SCOPES), default: 'read' },
          'ttl?': told(text, 'How long it holds, such as 30d; for ever where it is left out.'),
        }),
        answer: ok({ token: ref('Token'), secret: text }),
        status: 201,
      }),
    },
    (request, reply) => {
      const { name, scope, ttl } = request.body;
      request.auditTarget = name;
      const ms = ttl === undefined ? undefined : parseDuration(ttl);
      if (ttl !== undefined && ms === undefined)
        throw new SluiceError('REQUEST_INVALID', `${ttl} is no duration.`, { hint: 'Such as 12h or 30d.' });
      const made = access.tokens.create(name, scope, ms);
      request.auditMeta = { token: made.token.id, scope };
      void reply.code(201);
      return { ok: true, ...made };
    },
  );

  app.delete<{ Params: { id: string } }>(
    '/api/v1/tokens/:id',
    {
      config: { guard: { scope: 'admin', action: 'token.revoke' } },
      schema: described('access', 'revokeToken', 'Revokes a token, and the sessions that were opened with it.', {
        params: named('id'),
        answer: ok({ token: ref('Token') }),
      }),
    },
    (request) => {
      request.auditTarget = request.params.id;
      return { ok: true, token: access.tokens.revoke(request.params.id) };
    },
  );
}
