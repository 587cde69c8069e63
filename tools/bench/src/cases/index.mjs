// Every case, in the order of the table. An experiment has sides, run in processes of their own, and the cases that come out of them.
import { behaviour } from './behaviour.mjs';
import { noderuns } from './noderuns.mjs';
import { queues } from './queue.mjs';
import { throughput } from './throughput.mjs';

export const experiments = [...throughput, ...behaviour, ...noderuns, ...queues];
export const ids = experiments.flatMap(({ cases }) => cases.map(({ id }) => id));
