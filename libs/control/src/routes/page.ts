import type { FastifyInstance } from 'fastify';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILES: Readonly<Record<string, string>> = { '/': 'index.html', '/page.css': 'page.css', '/page.js': 'page.js' };
const TYPES: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

/** The page at `/`: static files, the same for sources and for the build. */
export function pageRoutes(app: FastifyInstance): void {
  const folder = join(__dirname, '..', '..', 'page');
  for (const [url, file] of Object.entries(FILES)) {
    app.get(url, async (_request, reply) =>
      reply.type(`${TYPES[file.slice(file.lastIndexOf('.') + 1)]}; charset=utf-8`).send(await readFile(join(folder, file))),
    );
  }
}
