import { Machine, Machines } from './machine';

/** One execution of a plan. That it is degraded is a flag with reasons in its data, never a state. */
export const RUN = new Machine({
  type: 'run',
  domain: 'runtime',
  doc: 'One execution of a plan. That a run is degraded is a flag with reasons, never a state.',
  entry: ['queued', 'running'],
  states: {
    queued: { doc: 'Asked for, not started.', event: 'queued', to: ['running', 'paused', 'stopped', 'canceled'] },
    running: {
      doc: 'Packets move.',
      event: 'started',
      to: ['waiting', 'pausing', 'stopping', 'completed', 'failed', 'canceled'],
    },
    waiting: {
      doc: 'Only decisions and timers are left; nothing is held in memory for it.',
      event: 'waiting',
      to: ['running', 'paused', 'stopping', 'completed', 'failed', 'canceled'],
    },
    pausing: {
      doc: 'No node takes more; calls under way end.',
      event: 'pausing',
      to: ['paused', 'running', 'stopping', 'failed', 'canceled'],
    },
    paused: { doc: 'Nothing moves until it is resumed.', event: 'paused', to: ['running', 'stopping', 'canceled'] },
    stopping: {
      doc: 'Sources have stopped; what is under way is drained.',
      event: 'stopping',
      to: ['stopped', 'completed', 'failed', 'canceled'],
    },
    completed: { doc: 'Its sources ended and everything was done.', event: 'completed', to: [] },
    failed: { doc: 'It ended by a fault, or its process is gone.', event: 'failed', to: [] },
    stopped: { doc: 'It was asked to stop, and drained.', event: 'stopped', to: [] },
    canceled: { doc: 'It was cut off.', event: 'canceled', to: [] },
  },
});

/** One call of a node with `durability: full`: a packet, by its idempotency key. */
export const NODE_RUN = new Machine({
  type: 'node_run',
  domain: 'runtime',
  doc: 'One call of a node with `durability: full`, for one packet.',
  entry: ['ready', 'running'],
  states: {
    ready: { doc: 'It has what it needs and has not begun.', event: 'ready', to: ['running', 'skipped', 'canceled'] },
    running: {
      doc: 'The node works on it; an effect may have happened.',
      event: 'started',
      to: ['succeeded', 'failed', 'canceled', 'waiting', 'uncertain'],
    },
    waiting: { doc: 'For a decision, a timer, a retry, or something remote.', event: 'waiting', to: ['running'] },
    uncertain: {
      doc: 'Nobody knows whether its effect happened: the process died in between, or the answer was lost. A probe or a person decides; it is never tried again blindly.',
      event: 'uncertain',
      to: ['succeeded', 'failed'],
    },
    succeeded: { doc: 'Its result is stored; a repeat is given that result.', event: 'succeeded', to: [] },
    failed: { doc: 'It has no effect and no result. A repeat is another node run.', event: 'failed', to: [] },
    skipped: { doc: 'It was left out on purpose.', event: 'skipped', to: [] },
    canceled: { doc: 'Its scope was cancelled before it had a result.', event: 'canceled', to: [] },
  },
});

/** Something that is to happen at a time, also when the process was restarted in between. */
export const TIMER = new Machine({
  type: 'timer',
  domain: 'runtime',
  doc: 'Something that is to happen at a moment, also if the process is restarted before it. A cron timer goes back to pending each time.',
  entry: ['pending'],
  states: {
    pending: { doc: 'Its moment has not come.', event: 'set', to: ['fired', 'canceled', 'pending'] },
    fired: {
      doc: 'Its moment came. Its node is told until it says that it is done, by another process where the first one is gone.',
      event: 'fired',
      to: ['done', 'pending', 'fired'],
    },
    done: { doc: 'What it was for is done. It may be set again.', event: 'done', to: ['pending'] },
    canceled: { doc: 'It was taken back. It may be set again.', event: 'canceled', to: ['pending'] },
  },
});

/** A fault of the journal that a person, or a repair, has put on record. */
export const DAMAGE = new Machine({
  type: 'damage',
  domain: 'store',
  doc: 'Damage of the journal that cannot be undone and was put on record, so that it is known from then on.',
  entry: ['recorded'],
  states: { recorded: { doc: 'Found, written down, not undone.', event: 'recorded', to: [] } },
});

/** The machines of the store itself. */
export const MACHINES = new Machines([RUN, NODE_RUN, TIMER, DAMAGE] as readonly Machine[]);
