import type { Log } from '@sluice/sdk';
import type { Terminal } from './terminal';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/** The log of the engine on stderr: lines for people, or one JSON object a line. `SLUICE_LOG` sets the level, default warn. */
export function terminalLog(terminal: Terminal): Log {
  const wanted = (process.env['SLUICE_LOG'] ?? '').toLowerCase();
  const least = Math.max(
    0,
    LEVELS.indexOf((LEVELS as readonly string[]).includes(wanted) ? (wanted as Level) : terminal.debug ? 'debug' : 'warn'),
  );
  const at = (level: Level) => (message: string, fields?: object) => {
    if (LEVELS.indexOf(level) < least) return;
    const time = new Date().toISOString();
    if (terminal.json) {
      process.stderr.write(`${JSON.stringify({ ts: time, level, message, ...fields }, plain)}\n`);
      return;
    }
    const extra = Object.entries(fields ?? {}).map(
      ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value, plain)}`,
    );
    const colour = level === 'error' ? 'red' : level === 'warn' ? 'yellow' : 'dim';
    process.stderr.write(
      `${terminal.paint('dim', time.slice(11, 19))} ${terminal.paint(colour, level)} ${message}${terminal.paint('dim', extra.join(''))}\n`,
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function plain(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
