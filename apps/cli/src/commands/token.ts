import { list, ok, ref, text, told } from '@sluice/control/schemas';
import { TokenStore, type AccessScope } from '@sluice/control';
import { parseDuration } from '@sluice/sdk/catalogue';
import { join } from 'node:path';
import { EXIT, usage, type Exit } from '../exit';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = {
  'token new': ok({ token: ref('Token'), secret: told(text, 'Shown this once.') }),
  'token list': ok({ tokens: list(ref('Token')) }),
  'token revoke': ok({ token: ref('Token') }),
};

interface Options {
  readonly state: string;
}

const storeOf = ({ state }: Options): TokenStore => new TokenStore(join(state, 'tokens.json'));

/** `sluice token new`. */
export async function newToken(
  terminal: Terminal,
  name: string,
  options: Options & { readonly scope: AccessScope; readonly ttl?: string },
): Promise<Exit> {
  if (!/^[\w .@-]{1,64}$/.test(name))
    throw usage(`${JSON.stringify(name)} is no name of a token.`, 'Letters, digits, spaces and . @ - _, 64 at most.');
  const ttl = options.ttl === undefined ? undefined : parseDuration(options.ttl);
  if (options.ttl !== undefined && ttl === undefined)
    throw usage(`--ttl ${options.ttl} is no duration.`, 'Write a number and a unit: 12h, 30d.');
  const { token, secret } = storeOf(options).create(name, options.scope, ttl);
  if (terminal.json) terminal.object({ ok: true, token, secret });
  else {
    terminal.out(secret);
    terminal.note(
      `Token ${token.id} (${name}) may ${token.scope}${token.expires_at === null ? '' : ` until ${token.expires_at}`}. It is not shown again.`,
    );
  }
  return EXIT.ok;
}

/** `sluice token list`. */
export async function listTokens(terminal: Terminal, options: Options): Promise<Exit> {
  const tokens = storeOf(options).list();
  if (terminal.json) terminal.object({ ok: true, tokens });
  else if (tokens.length === 0) terminal.note('There are no tokens. `sluice token new` makes one.');
  else {
    const now = new Date().toISOString();
    for (const row of terminal.table(
      tokens.map(({ id, name, scope, created_at, expires_at }) => [
        id,
        name,
        scope,
        created_at.slice(0, 10),
        expires_at === null ? 'for ever' : `${expires_at < now ? 'expired' : 'until'} ${expires_at.slice(0, 16)}Z`,
      ]),
    ))
      terminal.out(row);
  }
  return EXIT.ok;
}

/** `sluice token revoke`. */
export async function revokeToken(terminal: Terminal, id: string, options: Options): Promise<Exit> {
  const token = storeOf(options).revoke(id);
  if (terminal.json) terminal.object({ ok: true, token });
  else terminal.out(`${token.id} (${token.name}) is revoked.`);
  return EXIT.ok;
}
