import type { PlanNode } from '@sluice/graph';
import { toJsonText, type Context, type RunRecord, type State, type StateChange, type StateTurn } from '@sluice/sdk';
import { Origin, Packet, type Delivery, type Outcome } from '@sluice/sdk/packet';
import { settle, SourceDelivery, type Before } from './delivery';
import type { Call, Callee } from './stage';

/** A change of one key. */
interface Made {
  readonly turn: Turn;
  readonly book: Book;
  readonly key: string;
  readonly before: unknown;
  readonly seq: number;
  readonly text: string | undefined;
}

/** Changes of one key that are not settled: the newest, how many, and the newest that was written. */
interface Open {
  newest: Made;
  count: number;
  written: number;
}

/** State of one node, or of one scope of it; all its calls share it. */
class Book {
  readonly values = new Map<string, unknown>();
  readonly open = new Map<string, Open>();
  readonly scopes = new Map<string, Book>();

  constructor(
    readonly node: string,
    readonly name: string,
  ) {}

  scope(name: string): Book {
    let book = this.scopes.get(name);
    if (book === undefined) this.scopes.set(name, (book = new Book(this.node, `${this.name}/${name}`)));
    return book;
  }

  /** The book of a scope by its whole name. */
  at(name: string): Book {
    return name === this.name
      ? this
      : name
          .slice(1)
          .split('/')
          .reduce<Book>((book, part) => book.scope(part), this);
  }

  put(key: string, value: unknown): void {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
  }

  settled(key: string): void {
    const open = this.open.get(key)!;
    if (--open.count === 0) this.open.delete(key);
  }
}

let changes = 0;

/** What one call changes: all of it is written, or nothing. */
class Turn implements StateTurn {
  private made = new Map<Book, Map<string, Made>>();
  /** Those before it that changed a key that it has changed, too: its changes say what theirs did. */
  private readonly built = new Set<Turn>();
  private tellers: (() => void)[] = [];
  /** It is being written; what is given to the store later is not committed before it. */
  private given = false;
  /** It is given back, and what was built on it is not to be kept without it. */
  cancelled = false;

  constructor(
    /** Where it is to be written, or it is taken back: told with the first change. */
    private readonly begun: (turn: Turn) => void,
    /** Source packet that comes again after a crash. */
    readonly taken: string | undefined,
    readonly node: string,
  ) {}

  change(book: Book, key: string, value: unknown): void {
    const text = value === undefined ? undefined : toJsonText(value);
    const first = this.made.size === 0;
    let own = this.made.get(book);
    if (own === undefined) this.made.set(book, (own = new Map()));
    const earlier = own.get(key);
    const made: Made = {
      turn: this,
      book,
      key,
      before: earlier === undefined ? book.values.get(key) : earlier.before,
      seq: ++changes,
      text,
    };
    // The last of one key is the one that counts, and its place is that of when it was made.
    own.delete(key);
    own.set(key, made);
    const open = book.open.get(key);
    if (open === undefined) book.open.set(key, { newest: made, count: 1, written: 0 });
    else {
      if (open.newest.turn !== this) this.built.add(open.newest.turn);
      open.newest = made;
      if (earlier === undefined) open.count++;
    }
    book.put(key, value);
    if (first) this.begun(this);
  }

  take(): readonly StateChange[] {
    return taken([this]);
  }

  /** Those that no later call has written over. From now on they count as written. */
  fresh(): readonly Made[] {
    return this.all().filter(({ book, key, seq }) => {
      const open = book.open.get(key)!;
      if (seq < open.written) return false;
      open.written = seq;
      return true;
    });
  }

  written(): void {
    for (const { book, key } of this.all()) book.settled(key);
    this.over();
  }

  /** What a later call has set since stays: it was built on this. */
  undo(outcome: Outcome = 'nacked'): void {
    this.cancelled ||= outcome === 'cancelled';
    for (const made of this.all()) {
      const { book, key } = made;
      if (book.open.get(key)!.newest === made) book.put(key, made.before);
      book.settled(key);
    }
    this.over();
  }

  /** Whether what it was built on stands, as soon as that is known. Undefined: there is nothing to wait for. */
  before(together: ReadonlySet<Turn>): Promise<boolean> | undefined {
    const open = [...this.built].filter((turn) => turn.made.size > 0 && !turn.given && !together.has(turn));
    const stands = (): boolean => ![...this.built].some(({ cancelled }) => cancelled);
    if (open.length === 0) return stands() ? undefined : Promise.resolve(false);
    return Promise.all(open.map((turn) => new Promise<void>((resolve) => turn.tellers.push(resolve)))).then(stands);
  }

  /** It is given to the store now. */
  give(): void {
    this.given = true;
    this.tell();
  }

  private over(): void {
    this.made = new Map();
    this.built.clear();
    this.given = false;
    this.tell();
  }

  private tell(): void {
    for (const tell of this.tellers.splice(0)) tell();
  }

  private all(): Made[] {
    return [...this.made.values()].flatMap((own) => [...own.values()]);
  }
}

/** The state of a node as one call sees it. */
class KeptState implements State {
  constructor(
    private readonly book: Book,
    private readonly turn: () => Turn,
  ) {}

  get size(): number {
    return this.book.values.size;
  }

  get<V>(key: string): V | undefined {
    return this.book.values.get(key) as V | undefined;
  }

  has(key: string): boolean {
    return this.book.values.has(key);
  }

  set(key: string, value: unknown): void {
    if (value === undefined) return this.delete(key);
    this.turn().change(this.book, key, value);
  }

  delete(key: string): void {
    if (this.book.values.has(key)) this.turn().change(this.book, key, undefined);
  }

  entries<V>(): IterableIterator<[string, V]> {
    return this.book.values.entries() as IterableIterator<[string, V]>;
  }

  scope(name: string): State {
    return new KeptState(this.book.scope(name.replaceAll('/', ':')), this.turn);
  }
}

/** All turns that one delivery waits for. */
class Turns implements Before {
  private readonly all = new Set<Turn>();

  constructor(private readonly host: RunStates) {}

  add(turn: Turn): void {
    this.all.add(turn);
  }

  async write(): Promise<boolean> {
    const stands = await Promise.all([...this.all].flatMap((turn) => turn.before(this.all) ?? []));
    if (stands.includes(false)) {
      this.undo('cancelled');
      return false;
    }
    await this.host.write([...this.all]);
    return true;
  }

  undo(outcome: Outcome): void {
    for (const turn of this.all) turn.undo(outcome);
  }
}

const NO_COUNTS = { acked: 0, nacked: 0, cancelled: 0 };

/** What an operator takes is done when what it sent meanwhile is; that something of it failed is no reason to give it the same again. */
class TurnDelivery extends SourceDelivery {
  protected override done(outcome: Outcome, error: unknown): void {
    super.done(outcome === 'nacked' ? 'acked' : outcome, error);
  }
}

/** An operator at work, whose calls are what it is given and what its timers do. */
export class OperatorState {
  private now: { readonly turn: Turn; readonly delivery: TurnDelivery | undefined } | undefined;

  constructor(
    private readonly host: RunStates,
    readonly node: string,
    private readonly explicit: boolean,
  ) {}

  /** Whether what it holds is for the next run to go on with. */
  get leaving(): boolean {
    return this.host.leaving();
  }

  readonly turn = (): Turn => (this.now ?? this.timer()).turn;

  /** Gives it a packet. One that is not `explicit` has taken it when all that it sent meanwhile is done. */
  take(packet: Packet, give: () => void): void {
    if (this.host.knows(this.node, packet)) return settle(packet, 'acked');
    const before = this.now;
    const delivery = this.explicit ? undefined : new TurnDelivery((outcome) => settle(packet, outcome), { ...NO_COUNTS });
    this.now = { turn: this.host.turn(this.node, delivery ?? packet.origin.delivery, packet), delivery };
    try {
      give();
    } finally {
      this.now = before;
      delivery?.settle('acked');
    }
  }

  /** What it sends; the turn lasts until that is done. */
  carried(out: Packet): Packet {
    if (this.explicit) return out;
    const delivery = (this.now ?? this.timer()).delivery!;
    delivery.hold(1);
    const { run, node, sourceId, time, key, scope, epoch } = out.origin;
    const { payload, kind, meta, port, from, seq, causeFrom, causeSeq, path } = out;
    const origin = new Origin(run, node, sourceId, time, key, scope, epoch, delivery);
    return new Packet(payload, kind, meta, origin, port, from, seq, causeFrom, causeSeq, path);
  }

  /** Nothing came in: a timer of its own went off. The rest of this moment is one turn. */
  private timer(): NonNullable<OperatorState['now']> {
    const delivery = new TurnDelivery(() => undefined, { ...NO_COUNTS });
    const now = { turn: this.host.turn(this.node, delivery), delivery };
    this.now = now;
    queueMicrotask(() => {
      if (this.now === now) this.now = undefined;
      delivery.settle('acked');
    });
    return now;
  }
}

/** State of the nodes of a run that outlives it. */
export class RunStates {
  private record: RunRecord | undefined;
  private readonly books = new Map<string, Book>();
  /** Keys of packets, by node, whose changes are in what was restored. */
  private readonly taken = new Map<string, ReadonlySet<string>>();
  private readonly operators = new Map<string, OperatorState>();
  private readonly turns = new WeakMap<Packet, Turn>();
  private readonly writing = new Set<Promise<void>>();

  constructor(
    nodes: readonly string[],
    /** Whether packets of that source come again after a crash until they are acked. */
    private readonly redelivers: (source: string) => boolean,
    readonly leaving: () => boolean,
  ) {
    for (const node of nodes) this.books.set(node, new Book(node, ''));
  }

  begin(record: RunRecord | undefined): void {
    this.record = record;
  }

  /** Reads what earlier runs kept of a node. What is not called by packets changes the state of `ctx` itself. */
  async restore(id: string, ctx: Context): Promise<void> {
    const book = this.books.get(id);
    if (book === undefined || this.record === undefined) return;
    const { state, taken } = await this.record.restore(id);
    for (const { scope, key, value } of state) book.at(scope).put(key, JSON.parse(value!));
    this.taken.set(id, new Set(taken));
    const turn = this.operators.get(id)?.turn ?? (() => this.turn(id, null));
    (ctx as { state: State }).state = new KeptState(book, turn);
  }

  operator(node: string, explicit: boolean): OperatorState | undefined {
    if (!this.books.has(node)) return undefined;
    const operator = new OperatorState(this, node, explicit);
    this.operators.set(node, operator);
    return operator;
  }

  /** Calls of a node, each with a state that knows it. */
  around({ id, policies: { durability } }: PlanNode, callee: Callee): Callee {
    const book = this.books.get(id);
    if (book === undefined) return callee;
    const full = durability === 'full';
    const one =
      (call: Call): Call =>
      (packet, ctx) => {
        if (!full && this.knows(id, packet)) return undefined;
        const turn = full ? this.held(id, packet) : this.turn(id, packet.origin.delivery, packet);
        return undone(turn, () => call(packet, withState(ctx, new KeptState(book, () => turn))));
      };
    const { process, write, writeBatch } = callee;
    return {
      ...(process === undefined ? {} : { process: one((packet, ctx) => process.call(callee, packet, ctx)) }),
      ...(write === undefined ? {} : { write: one((packet, ctx) => write.call(callee, packet, ctx)) }),
      ...(writeBatch === undefined
        ? {}
        : {
            writeBatch: (packets: readonly Packet[], ctx: Context) => {
              const fresh = full ? packets : packets.filter((packet) => !this.knows(id, packet));
              const [first] = fresh;
              if (first === undefined) return undefined;
              const turn = full ? this.held(id, first) : this.turn(id, first.origin.delivery, first);
              return undone(turn, () => writeBatch.call(callee, fresh, withState(ctx, new KeptState(book, () => turn))));
            },
          }),
    };
  }

  /** What the call for a packet has changed, of a node whose calls are on record. */
  turnOf(packet: Packet): StateTurn | undefined {
    return this.turns.get(packet);
  }

  /** Whether it came again though its changes are kept: only its ack was cut off, all that came of it is done. */
  knows(node: string, { origin: { key, delivery } }: Packet): boolean {
    const taken = this.taken.get(node);
    return taken !== undefined && taken.size > 0 && delivery !== null && taken.has(key);
  }

  turn(node: string, delivery: Delivery | null, packet?: Packet): Turn {
    const of = packet?.origin;
    const own = of?.delivery instanceof SourceDelivery && !(of.delivery instanceof TurnDelivery);
    const taken = own && of.key !== '' && this.redelivers(of.node) ? of.key : undefined;
    const waiting = sources(delivery);
    const begun = (turn: Turn): void => {
      // Nobody waits for it: it is written with what else this moment brings.
      if (waiting.length === 0) queueMicrotask(() => void this.write([turn]).catch(() => undefined));
      for (const source of waiting) ((source.before ??= new Turns(this)) as Turns).add(turn);
    };
    return new Turn(begun, taken, node);
  }

  private held(node: string, packet: Packet): Turn {
    const turn = new Turn(() => undefined, undefined, node);
    this.turns.set(packet, turn);
    return turn;
  }

  write(turns: readonly Turn[]): Promise<void> {
    const changed = taken(turns);
    for (const turn of turns) turn.give();
    const known = turns.flatMap(({ node, taken: key }) => (key === undefined ? [] : [{ node, key }]));
    if (changed.length === 0 || this.record === undefined) {
      for (const turn of turns) turn.written();
      return Promise.resolve();
    }
    const writing = this.record
      .keep(changed, known)
      .then(() => turns.forEach((turn) => turn.written()))
      .finally(() => this.writing.delete(writing));
    this.writing.add(writing);
    return writing;
  }

  /** All that was under way is written. */
  async settled(): Promise<void> {
    while (this.writing.size > 0) await Promise.allSettled(this.writing);
  }
}

/** What turns have changed, in the order in which that was. */
function taken(turns: readonly Turn[]): readonly StateChange[] {
  return turns
    .flatMap((turn) => turn.fresh())
    .sort((a, b) => a.seq - b.seq)
    .map(({ book, key, text }) => ({ node: book.node, scope: book.name, key, value: text }));
}

function withState(ctx: Context, state: State): Context {
  return Object.create(ctx, { state: { value: state, enumerable: true } }) as Context;
}

/** A call that fails leaves no trace. */
function undone(turn: Turn, call: () => unknown): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    turn.undo();
    throw error;
  }
  if (!(result instanceof Promise)) return result;
  return result.catch((error: unknown) => {
    turn.undo();
    throw error;
  });
}

function sources(delivery: Delivery | null | undefined): readonly SourceDelivery[] {
  if (delivery instanceof SourceDelivery) return [delivery];
  return delivery?.parts?.flatMap(sources) ?? [];
}
