import { EXIT } from './exit';

/** nx and a terminal may both pass one Ctrl-C on: what comes this soon after the first is the same one. */
const ECHO_MS = 400;

/**
 * The first SIGINT or SIGTERM asks to end, the second ends at once.
 * @param ask called once, at the first
 * @param kill called before the process ends at the second: the last chance to stop children
 */
export function onSignals(ask: (signal: NodeJS.Signals) => void, kill: () => void): () => void {
  let asked = 0;
  const listen = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (asked === 0) {
      asked = now;
      ask(signal);
    } else if (now - asked > ECHO_MS) {
      kill();
      process.exit(EXIT.interrupted);
    }
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return () => {
    process.off('SIGINT', listen);
    process.off('SIGTERM', listen);
  };
}
