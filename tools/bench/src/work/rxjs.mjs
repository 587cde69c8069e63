// The same work, written by hand in RxJS 7: Observable heads over the same iterables, the same Packet objects.
import { concatMap, connect, filter, from, map, merge, Subject } from 'rxjs';
import { COUNT, KEEP, MAP, own, packet, packets, Sink, stages } from './stages.mjs';

/** `count` pipelines of map, filter, map, count. */
export function pipelines({ count = 1 }) {
  const sink = new Sink();
  const heads = Array.from({ length: count }, (_, k) => {
    const { first, keep, second } = stages(k);
    const run = { n: 0, [Symbol.iterator]: () => packets(run.n) };
    const pipe$ = from(run).pipe(map(own(MAP, first)), filter(own(KEEP, keep)), map(own(MAP, second)));
    const take = own(COUNT, sink);
    return (n) => {
      run.n = n;
      pipe$.subscribe(take);
    };
  });
  return (n) => {
    for (const head of heads) head(Math.floor(n / count));
    return sink.result();
  };
}

/** A Subject for each edge: what a first design of dataflow on RxJS looks like. */
export function subjects() {
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  const [a, b, c, d] = Array.from({ length: 4 }, () => new Subject());
  a.pipe(map(own(MAP, first))).subscribe(b);
  b.pipe(filter(own(KEEP, keep))).subscribe(c);
  c.pipe(map(own(MAP, second))).subscribe(d);
  d.subscribe(own(COUNT, sink));
  return (n) => {
    for (const p of packets(n)) a.next(p);
    return sink.result();
  };
}

const branches = (count) => (shared$) => merge(...Array.from({ length: count }, (_, k) => shared$.pipe(map(own(MAP, stages(k).first)))));

/** One source, `count` branches of map, one counter: `merge` of the branches is the fastest raw form. */
export function fanout(count) {
  const sink = new Sink();
  const run = { n: 0, [Symbol.iterator]: () => packets(run.n) };
  const pipe$ = from(run).pipe(connect(branches(count)));
  const take = own(COUNT, sink);
  return (n) => {
    run.n = n;
    pipe$.subscribe(take);
    return sink.result();
  };
}

/** Eight sources, then map, filter, map, count. */
export function fanin() {
  const sink = new Sink();
  const run = { n: 0, [Symbol.iterator]: () => packets(run.n) };
  const heads = Array.from({ length: 8 }, () => from(run));
  const pipe$ = merge(...heads).pipe(map(own(MAP, stages(0).first)), filter(own(KEEP, stages(0).keep)), map(own(MAP, stages(1).first)));
  const take = own(COUNT, sink);
  return (n) => {
    run.n = Math.floor(n / 8);
    pipe$.subscribe(take);
    return sink.result();
  };
}

/** Each stage an async function behind a concatMap; at most 64 packets under way, because concatMap's own queue is quadratic. */
export function concatMapped() {
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  return (n) =>
    new Promise((resolve, reject) => {
      const head = new Subject();
      let sent = 0;
      let done = 0;
      let filling = false;
      const fill = () => {
        if (filling) return;
        filling = true;
        while (sent < n && sent - done < 64) head.next(packet(sent++));
        filling = false;
        if (done === n) head.complete();
      };
      head
        .pipe(
          concatMap(own('async (p) => p.with(f(p.payload))', first)),
          concatMap(own('async (p) => { if (f(p.payload)) return p; }', keep)),
          filter((p) => {
            if (p !== undefined) return true;
            done++;
            fill();
            return false;
          }),
          concatMap(own('async (p) => p.with(f(p.payload))', second)),
          concatMap(own('async (p) => { f.take(p); }', sink)),
        )
        .subscribe({
          next: () => {
            done++;
            fill();
          },
          error: reject,
          complete: () => resolve(sink.result()),
        });
      fill();
    });
}
