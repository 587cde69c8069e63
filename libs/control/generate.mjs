// Writes what is derived from the live routes: openapi.json, policy.json (who may do what) and the types of the client.
//   node -C @sluice/source -r @swc-node/register libs/control/generate.mjs [--check]
import openapiTs, { astToString } from 'openapi-typescript';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const { createServer, Runs } = createRequire(import.meta.url)('@sluice/control');
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-api-'));
const runs = new Runs();
const server = createServer({
  runs,
  onShutdown: () => undefined,
  workspace: {
    graphs: folder,
    state: folder,
    catalogues: () => [],
    engine: () => {
      throw new Error('nothing runs here');
    },
  },
});

const faults = [];
try {
  await server.app.ready();
  const api = (await server.app.inject('/api/v1/openapi.json')).json();
  const { policy } = (await server.app.inject('/api/v1/policy')).json();
  const types = astToString(await openapiTs(structuredClone(api)));
  await deliver('openapi.json', JSON.stringify(api));
  await deliver('policy.json', JSON.stringify(policy));
  await deliver('src/client/schema.ts', `// Made from the routes by libs/control/generate.mjs.\n\n${types}`);
} finally {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function deliver(name, text) {
  const path = join(here, name);
  const pretty = await format(text, { ...(await resolveConfig(path)), filepath: path });
  if (existsSync(path) && readFileSync(path, 'utf8') === pretty) return;
  if (process.argv.includes('--check'))
    faults.push(`libs/control/${name} is not what the routes say: run libs/control/generate.mjs and look at what changed.`);
  else writeFileSync(path, pretty);
}
