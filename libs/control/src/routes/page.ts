import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** No part of the description of the API. */
const HIDDEN = { hide: true } as FastifySchema;
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const PUBLIC = { config: { guard: { scope: 'public' } }, schema: HIDDEN } as const;
const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sluice</title></head>
<body><h1>Sluice runs; its console is not built.</h1>
<p>In a checkout: <code>npx nx run console:build</code>, then load this page again.</p>
<p>The same figures are at <a href="/api/v1/runs">/api/v1/runs</a> and <a href="/metrics">/metrics</a>.</p></body></html>
`;

/** The console at `/`: the files of a folder as it was built, and nothing beside them. */
export function pageRoutes(app: FastifyInstance, folder: string | undefined): void {
  const index = folder === undefined ? undefined : join(folder, 'index.html');
  const assets = folder === undefined ? undefined : join(folder, 'assets');

  app.get('/', PUBLIC, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(index !== undefined && existsSync(index) ? await readFile(index) : NOT_BUILT),
  );

  app.get<{ Params: { file: string } }>('/assets/:file', PUBLIC, async ({ params: { file } }, reply) => {
    // Only what the folder lists: no name leads out of it.
    if (assets === undefined || !existsSync(assets) || !readdirSync(assets).includes(file)) {
      throw new SluiceError('ROUTE_NOT_FOUND', `There is no file ${file} in the console.`, {
        hint: 'Load the page again: it was built anew.',
      });
    }
    // Its name has a hash of what is in it.
    return reply
      .header('cache-control', 'public, max-age=31536000, immutable')
      .type(TYPES[extname(file)] ?? 'application/octet-stream')
      .send(await readFile(join(assets, file)));
  });
}
