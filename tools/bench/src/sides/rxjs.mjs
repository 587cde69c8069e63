// The same work, written by hand in RxJS 7: Observable heads over the same iterables, the same Packet objects.
import { concatMap, connect, filter, from, map, merge, Subject } from 'rxjs';
import { Laps } from '../measure.mjs';
import { COUNT, KEEP, MAP, own, packet, packets, Sink, stages } from './stages.mjs';

/** Subscribes lap by lap: the pipes stay, so that what was compiled for them stays too. */
function byLaps(how, sources, build) {
  const laps = new Laps({ ...how, sources });
  const sink = new Sink();
  // No `length`: from() would take it for an array.
  const lap = { n: 0, [Symbol.iterator]: () => packets(lap.n, laps) };
  const pipes = build(lap, sink);
  const takes = pipes.map(() => own(COUNT, sink));
  for (lap.n of laps.lengths) for (let k = 0; k < pipes.length; k++) pipes[k].subscribe(takes[k]);
  return laps.result(sink);
}

/** `count` pipelines of map, filter, map, count. */
export function pipelines({ count = 1 }, how) {
  return byLaps(how, count, (lap) =>
    Array.from({ length: count }, (_, k) => {
      const { first, keep, second } = stages(k);
      return from(lap).pipe(map(own(MAP, first)), filter(own(KEEP, keep)), map(own(MAP, second)));
    }),
  );
}

/** A Subject for each edge: what a first design of dataflow on RxJS looks like. */
export function subjects(how) {
  const laps = new Laps(how);
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  const [a, b, c, d] = Array.from({ length: 4 }, () => new Subject());
  a.pipe(map(own(MAP, first))).subscribe(b);
  b.pipe(filter(own(KEEP, keep))).subscribe(c);
  c.pipe(map(own(MAP, second))).subscribe(d);
  d.subscribe(own(COUNT, sink));
  for (const length of laps.lengths) for (const p of packets(length, laps)) a.next(p);
  return laps.result(sink);
}

/** One source, `count` branches of map, one counter: `merge` of the branches is the fastest raw form. */
export function fanout(count, how) {
  const branches = (shared$) => merge(...Array.from({ length: count }, (_, k) => shared$.pipe(map(own(MAP, stages(k).first)))));
  return byLaps(how, 1, (lap) => [from(lap).pipe(connect(branches))]);
}

/** Eight sources, then map, filter, map, count. */
export function fanin(how) {
  const maps = [stages(0).first, stages(1).first].map((f) => map(own(MAP, f)));
  return byLaps(how, 8, (lap) => {
    const heads = Array.from({ length: 8 }, () => from(lap));
    return [merge(...heads).pipe(maps[0], filter(own(KEEP, stages(0).keep)), maps[1])];
  });
}

/** Each stage an async function behind a concatMap; at most 64 packets under way, because concatMap's own queue is quadratic. */
export async function concatMapped(how) {
  const laps = new Laps(how);
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  const bodies = {
    first: own('async (p) => p.with(f(p.payload))', first),
    keep: own('async (p) => { if (f(p.payload)) return p; }', keep),
    second: own('async (p) => p.with(f(p.payload))', second),
    count: own('async (p) => { f.take(p); }', sink),
  };
  const lap = (n) =>
    new Promise((resolve, reject) => {
      const head = new Subject();
      let sent = 0;
      let done = 0;
      let filling = false;
      const fill = () => {
        if (filling) return;
        filling = true;
        while (sent < n && sent - done < 64) {
          laps.made();
          head.next(packet(sent++));
        }
        filling = false;
        if (done === n) head.complete();
      };
      const gone = () => {
        done++;
        fill();
      };
      head
        .pipe(
          concatMap(bodies.first),
          concatMap(bodies.keep),
          filter((p) => {
            if (p === undefined) gone();
            return p !== undefined;
          }),
          concatMap(bodies.second),
          concatMap(bodies.count),
        )
        .subscribe({ next: gone, error: reject, complete: resolve });
      fill();
    });
  for (const length of laps.lengths) await lap(length);
  return laps.result(sink);
}
