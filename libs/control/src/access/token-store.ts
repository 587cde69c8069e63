import { SluiceError } from '@sluice/sdk';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a token lets its bearer do; each includes those before it. */
export const SCOPES = ['read', 'operate', 'admin'] as const;
/** What a token may do; each includes those before it. */
export type AccessScope = (typeof SCOPES)[number];

/** A token as it may be shown: never with its secret. */
export interface TokenInfo {
  readonly id: string;
  readonly name: string;
  readonly scope: AccessScope;
  /** ISO-8601 UTC. */
  readonly created_at: string;
  readonly expires_at: string | null;
}

interface Stored extends TokenInfo {
  /** SHA-256 of the secret, hex. The secret has 256 random bits: a slow hash would add nothing. */
  readonly hash: string;
}

const SECRET = /^slc_[\w-]{43}$/;

/**
 * The tokens of a workspace, in a file that only its owner reads; secrets are kept as hashes. The file is read again when it has changed,
 * so that a token that the command line revokes is refused by a server that runs.
 */
export class TokenStore {
  readonly #file: string | undefined;
  #stored: readonly Stored[] = [];
  #seen = '';

  /** Without a file the tokens live as long as the process. */
  constructor(file?: string) {
    this.#file = file;
  }

  list(): readonly TokenInfo[] {
    return this.#read().map(({ hash: _, ...info }) => info);
  }

  /** Whether a token of this id is there and has not expired. */
  get(id: string): TokenInfo | undefined {
    const found = this.#read().find((one) => one.id === id);
    return found === undefined || expired(found) ? undefined : found;
  }

  /** Makes a token; its secret is given here and nowhere else. */
  create(name: string, scope: AccessScope, ttlMs?: number): { readonly token: TokenInfo; readonly secret: string } {
    const secret = `slc_${randomBytes(32).toString('base64url')}`;
    const now = Date.now();
    const token: TokenInfo = {
      id: randomBytes(4).toString('hex'),
      name,
      scope,
      created_at: new Date(now).toISOString(),
      expires_at: ttlMs === undefined ? null : new Date(now + ttlMs).toISOString(),
    };
    this.#write([...this.#read(), { ...token, hash: hashOf(secret).toString('hex') }]);
    return { token, secret };
  }

  /** @throws SluiceError TOKEN_NOT_FOUND */
  revoke(id: string): TokenInfo {
    const stored = this.#read();
    const found = stored.find((one) => one.id === id || one.name === id);
    if (found === undefined) {
      throw new SluiceError('TOKEN_NOT_FOUND', `There is no token ${JSON.stringify(id)}.`, { hint: '`sluice token list` shows all.' });
    }
    this.#write(stored.filter((one) => one !== found));
    const { hash: _, ...info } = found;
    return info;
  }

  /** The token of a secret. Every stored hash is compared, each in constant time, so that time tells nothing. */
  verify(secret: string): TokenInfo | undefined {
    const given = hashOf(SECRET.test(secret) ? secret : '');
    let found: Stored | undefined;
    for (const one of this.#read()) if (timingSafeEqual(given, Buffer.from(one.hash, 'hex'))) found = one;
    if (found === undefined || expired(found)) return undefined;
    const { hash: _, ...info } = found;
    return info;
  }

  #read(): readonly Stored[] {
    if (this.#file === undefined) return this.#stored;
    if (!existsSync(this.#file)) return (this.#stored = []);
    const { mtimeMs, size, ino } = statSync(this.#file);
    const seen = `${mtimeMs} ${size} ${ino}`;
    if (seen === this.#seen) return this.#stored;
    try {
      const { tokens } = JSON.parse(readFileSync(this.#file, 'utf8')) as { tokens: readonly Stored[] };
      if (!tokens.every(({ id, hash, scope }) => typeof id === 'string' && /^[0-9a-f]{64}$/.test(hash) && SCOPES.includes(scope)))
        throw new Error('an entry is not a token');
      this.#stored = tokens;
    } catch (cause) {
      throw new SluiceError('TOKENS_UNREADABLE', `${this.#file} is not a list of tokens: ${(cause as Error).message}.`, {
        hint: 'Restore the file, or remove it and make new tokens with `sluice token new`.',
        cause,
      });
    }
    this.#seen = seen;
    return this.#stored;
  }

  #write(tokens: readonly Stored[]): void {
    this.#stored = tokens;
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const next = `${this.#file}.${process.pid}.new`;
    writeFileSync(next, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`, { mode: 0o600 });
    chmodSync(next, 0o600);
    renameSync(next, this.#file);
    this.#seen = '';
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function expired({ expires_at }: TokenInfo): boolean {
  return expires_at !== null && Date.parse(expires_at) <= Date.now();
}

/** Whether a token of scope `has` may do what asks for `needs`. */
export function covers(has: AccessScope | undefined, needs: AccessScope): boolean {
  return has !== undefined && SCOPES.indexOf(has) >= SCOPES.indexOf(needs);
}
