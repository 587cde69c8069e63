// The same work on async generators, Node's object streams and Effect.
import { Laps } from '../measure.mjs';
import { packets, Sink, stages } from './stages.mjs';

export async function streams(how) {
  const { Readable, Transform, Writable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  const laps = new Laps(how);
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  const stage = (work) =>
    new Transform({
      objectMode: true,
      transform(p, _encoding, done) {
        done(null, work(p));
      },
    });
  for (const length of laps.lengths) {
    const source = packets(length, laps);
    const head = new Readable({
      objectMode: true,
      // As many as it takes: Readable.from would pay a promise for each.
      read() {
        for (;;) {
          const step = source.next();
          if (!this.push(step.done ? null : step.value) || step.done) return;
        }
      },
    });
    const tail = new Writable({
      objectMode: true,
      write(p, _encoding, done) {
        sink.take(p);
        done();
      },
    });
    await pipeline(
      head,
      stage((p) => p.with(first(p.payload))),
      stage((p) => (keep(p.payload) ? p : undefined)),
      stage((p) => p.with(second(p.payload))),
      tail,
    );
  }
  return laps.result(sink);
}

export async function effect(how) {
  const { Effect, Stream } = await import('effect');
  const laps = new Laps(how);
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  for (const length of laps.lengths) {
    await Effect.runPromise(
      Stream.fromIterable(packets(length, laps), { chunkSize: 1 }).pipe(
        Stream.map((p) => p.with(first(p.payload))),
        Stream.filter((p) => keep(p.payload)),
        Stream.map((p) => p.with(second(p.payload))),
        Stream.runForEach((p) => Effect.sync(() => sink.take(p))),
      ),
    );
  }
  return laps.result(sink);
}

export async function generators(how) {
  const laps = new Laps(how);
  const sink = new Sink();
  const { first, keep, second } = stages(0);
  async function* head(length) {
    yield* packets(length, laps);
  }
  async function* mapped(source, f) {
    for await (const p of source) yield p.with(f(p.payload));
  }
  async function* kept(source) {
    for await (const p of source) if (keep(p.payload)) yield p;
  }
  for (const length of laps.lengths) {
    for await (const p of mapped(kept(mapped(head(length), first)), second)) sink.take(p);
  }
  return laps.result(sink);
}
