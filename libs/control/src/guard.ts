import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance } from 'fastify';

/** The page is ours alone: nothing from elsewhere is loaded, nobody frames it, no other site reads it. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Whether a name or address is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare);
}

/**
 * Puts the security headers on every answer and refuses a Host header that does not name this machine: a foreign page
 * whose name was made to resolve to 127.0.0.1 (DNS rebinding) still sends its own name.
 */
export function guard(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...HEADERS, 'cache-control': 'no-store', 'x-request-id': request.id });
    const host = request.headers.host ?? '';
    if (!isLoopback(host.replace(/:\d*$/, ''))) {
      throw new SluiceError('HOST_REFUSED', `This server does not answer to the host name ${JSON.stringify(host)}.`, {
        hint: 'Open it as http://127.0.0.1 or http://localhost, with its port.',
      });
    }
  });
}
