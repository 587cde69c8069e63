/** What is loaded only when it is needed: a command starts quickly because it reads its own code and no other, and most need no engine. */
interface Modules {
  './commands/actions': typeof import('./commands/actions');
  './commands/artifacts': typeof import('./commands/artifacts');
  './commands/assets': typeof import('./commands/assets');
  './commands/audit': typeof import('./commands/audit');
  './commands/bench': typeof import('./commands/bench');
  './commands/completion': typeof import('./commands/completion');
  './commands/demo': typeof import('./commands/demo');
  './commands/doctor': typeof import('./commands/doctor');
  './commands/draw': typeof import('./commands/draw');
  './commands/fmt': typeof import('./commands/fmt');
  './commands/import': typeof import('./commands/import');
  './commands/journal': typeof import('./commands/journal');
  './commands/new': typeof import('./commands/new');
  './commands/nodes': typeof import('./commands/nodes');
  './commands/output': typeof import('./commands/output');
  './commands/plan': typeof import('./commands/plan');
  './commands/plugins': typeof import('./commands/plugins');
  './commands/presets': typeof import('./commands/presets');
  './commands/queue': typeof import('./commands/queue');
  './commands/run': typeof import('./commands/run');
  './commands/runs': typeof import('./commands/runs');
  './commands/schema': typeof import('./commands/schema');
  './commands/serve': typeof import('./commands/serve');
  './commands/stop': typeof import('./commands/stop');
  './commands/tap': typeof import('./commands/tap');
  './commands/test': typeof import('./commands/test');
  './commands/token': typeof import('./commands/token');
  './commands/top': typeof import('./commands/top');
  './commands/validate': typeof import('./commands/validate');
  '@sluice/control': typeof import('@sluice/control');
  '@sluice/plugin-vision': typeof import('@sluice/plugin-vision');
  '@sluice/runtime': typeof import('@sluice/runtime');
  '@sluice/sdk': typeof import('@sluice/sdk');
  '@sluice/store': typeof import('@sluice/store');
  '@sluice/store/assets': typeof import('@sluice/store/assets');
  '@sluice/testing': typeof import('@sluice/testing');
  pg: typeof import('pg');
  semver: { satisfies(version: string, range: string, options: object): boolean };
  yaml: typeof import('yaml');
}

/** A module, loaded at its first use. */
export function lazy<Name extends keyof Modules>(name: Name): Modules[Name] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the one place: an import() would wait, and stays one in what is built
  return require(name) as Modules[Name];
}
