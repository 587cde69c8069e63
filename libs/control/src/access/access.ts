import { SluiceError } from '@sluice/sdk';
import type { FastifyRequest } from 'fastify';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '../guard';
import { covers, TokenStore, type AccessScope, type TokenInfo } from './token-store';

/** Who asks, and what they may. */
export interface Actor {
  /** `token:<id>`, `local` or `anonymous`. */
  readonly id: string;
  readonly scope: AccessScope | undefined;
}

export interface AccessOptions {
  /** Whether others can reach the server: then everything needs a token. */
  readonly open: boolean;
  readonly tokens: TokenStore;
  /** Mutations without a token, on loopback only. */
  readonly allowLocalMutations?: boolean;
}

interface Session {
  readonly key: Buffer;
  readonly token: string;
  readonly expires: number;
}

/** Sessions that are kept; the oldest goes. */
const MAX_SESSIONS = 256;
export const SESSION_MS = 12 * 60 * 60 * 1000;

/** Finds out who asks, and keeps the sessions of browsers. */
export class Access {
  readonly mode: 'local' | 'token';
  readonly allowLocalMutations: boolean;
  readonly tokens: TokenStore;
  /** Tokens of this process only, such as the one in the link that `serve` prints. */
  readonly ephemeral = new TokenStore();
  #sessions: readonly Session[] = [];

  constructor({ open, tokens, allowLocalMutations = false }: AccessOptions) {
    this.mode = open ? 'token' : 'local';
    this.allowLocalMutations = allowLocalMutations && !open;
    this.tokens = tokens;
  }

  /**
   * Who sent a request: by bearer token, by the cookie of a session, or nobody that is known.
   * @throws SluiceError TOKEN_INVALID where a token is given and is none of ours
   */
  actor(request: FastifyRequest): Actor {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#bearer(authorization);
    const cookie = this.cookieOf(request);
    const token = cookie === undefined ? undefined : this.#session(cookie);
    if (token !== undefined) return { id: `token:${token.id}`, scope: token.scope };
    const local = this.mode === 'local' && isLoopback(request.socket.remoteAddress ?? '127.0.0.1');
    if (!local) return { id: 'anonymous', scope: undefined };
    return this.allowLocalMutations ? { id: 'local', scope: 'admin' } : { id: 'anonymous', scope: 'read' };
  }

  /** @throws SluiceError TOKEN_MISSING, SCOPE_MISSING */
  demand(actor: Actor, needs: AccessScope): void {
    if (covers(actor.scope, needs)) return;
    if (actor.id === 'anonymous') {
      throw new SluiceError(
        'TOKEN_MISSING',
        needs === 'read' ? 'This server answers to a token only.' : 'This changes something, so it needs a token.',
        {
          hint: 'Open the link that `sluice serve` printed, or send `Authorization: Bearer` with a token from `sluice token new`.',
          details: { scope: needs },
        },
      );
    }
    throw new SluiceError('SCOPE_MISSING', `This needs a token with the scope ${needs}; this one has ${actor.scope ?? 'none'}.`, {
      hint: `\`sluice token new --scope ${needs}\` makes one.`,
      details: { scope: needs },
    });
  }

  /**
   * Exchanges a token for a session.
   * @throws SluiceError TOKEN_INVALID
   */
  open(secret: string): { readonly cookie: string; readonly token: TokenInfo } {
    const token = this.#verify(secret);
    const key = randomBytes(32);
    this.#sessions = [...this.#sessions.slice(1 - MAX_SESSIONS), { key, token: token.id, expires: Date.now() + SESSION_MS }];
    return { cookie: key.toString('base64url'), token };
  }

  close(cookie: string): void {
    const key = Buffer.from(cookie, 'base64url');
    this.#sessions = this.#sessions.filter((session) => !same(session.key, key));
  }

  cookieOf(request: FastifyRequest): string | undefined {
    const pairs = (request.headers.cookie ?? '').split(/; */);
    const name = `${this.cookieName(request)}=`;
    return pairs.find((pair) => pair.startsWith(name))?.slice(name.length);
  }

  /** Cookies know no ports: servers on one machine must not take each other's. */
  cookieName(request: FastifyRequest): string {
    return `sluice_session_${request.socket.localPort ?? 0}`;
  }

  #bearer(authorization: string): Actor {
    const token = this.#verify(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    return { id: `token:${token.id}`, scope: token.scope };
  }

  #verify(secret: string): TokenInfo {
    const token = this.ephemeral.verify(secret) ?? this.tokens.verify(secret);
    if (token !== undefined) return token;
    throw new SluiceError('TOKEN_INVALID', 'This token is not known, has expired, or was revoked.', {
      hint: '`sluice token list` shows those that hold; the link of `sluice serve` holds as long as it runs.',
    });
  }

  #session(cookie: string): TokenInfo | undefined {
    const key = Buffer.from(cookie, 'base64url');
    let found: Session | undefined;
    for (const session of this.#sessions) if (same(session.key, key)) found = session;
    if (found === undefined || found.expires <= Date.now()) return undefined;
    // A token that was revoked takes its sessions with it.
    return this.ephemeral.get(found.token) ?? this.tokens.get(found.token);
  }
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
