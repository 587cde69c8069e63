import { told, type Schema } from '@sluice/control/schemas';
import { lazy } from './lazy';

/** What commands print with `--json`, by their names: each stands beside its command. */
export type Outputs = Readonly<Record<string, Schema>>;

const EACH_LINE = 'Each line.';

/** The schema of a command that prints objects one a line. */
export const eachLine = (schema: Schema): Schema => told(schema, EACH_LINE);
export const isEachLine = (schema: Schema): boolean => schema['description'] === EACH_LINE;

/** All of them. */
export function outputs(): Outputs {
  const all = [
    lazy('./commands/actions'),
    lazy('./commands/artifacts'),
    lazy('./commands/assets'),
    lazy('./commands/audit'),
    lazy('./commands/bench'),
    lazy('./commands/completion'),
    lazy('./commands/demo'),
    lazy('./commands/doctor'),
    lazy('./commands/draw'),
    lazy('./commands/fmt'),
    lazy('./commands/import'),
    lazy('./commands/journal'),
    lazy('./commands/new'),
    lazy('./commands/nodes'),
    lazy('./commands/output'),
    lazy('./commands/plan'),
    lazy('./commands/plugins'),
    lazy('./commands/presets'),
    lazy('./commands/queue'),
    lazy('./commands/run'),
    lazy('./commands/runs'),
    lazy('./commands/schema'),
    lazy('./commands/serve'),
    lazy('./commands/stop'),
    lazy('./commands/tap'),
    lazy('./commands/test'),
    lazy('./commands/token'),
    lazy('./commands/top'),
    lazy('./commands/validate'),
  ];
  return Object.assign({}, ...all.map(({ OUTPUTS }) => OUTPUTS)) as Outputs;
}
