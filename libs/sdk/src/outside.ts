import { shared } from './packet';

/** Work outside of the graph that nodes wait for now, in all copies of this package. */
const WORK = shared('outside@1', { pending: 0 });

/**
 * Says of a promise that it is kept by something outside of the graph: a thread, a child process, a driver. Virtual time waits for it, so
 * that a timer does not overtake it; with the clock of the machine it changes nothing. Files and sockets of Node need none.
 */
export async function outside<V>(work: Promise<V>): Promise<V> {
  WORK.pending++;
  try {
    return await work;
  } finally {
    WORK.pending--;
  }
}

/** How much of such work is under way. */
export const outsideWork = (): number => WORK.pending;
