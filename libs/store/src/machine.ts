import { SluiceError } from '@sluice/sdk/catalogue';

/** One state of a machine, and where it leads. */
export interface StateSpec<S extends string> {
  /** What it means to be in this state, one sentence. */
  readonly doc: string;
  /** Last part of the event that is told when it is entered. */
  readonly event: string;
  /** States that may follow; none makes it the end. */
  readonly to: readonly S[];
  /** Where an entity goes whose `due_at` passes while it is in this state. */
  readonly on_due?: S;
}

/** A durable state machine: its states, and which follow which. */
export interface MachineSpec<S extends string> {
  /** Name of the machine, snake_case; entities are told apart by it. */
  readonly type: string;
  /** First part of its events: `<domain>:<type>:<event>`. */
  readonly domain: string;
  readonly doc: string;
  /** States in which an entity may begin. */
  readonly entry: readonly S[];
  readonly states: { readonly [K in S]: StateSpec<S> };
}

/**
 * The states of a durable thing and the transitions that are legal, as data. Docs, tests, and what the store refuses are
 * read from it.
 */
export class Machine<S extends string = string> {
  readonly type: string;
  readonly domain: string;
  readonly doc: string;
  readonly entry: readonly S[];
  readonly states: readonly S[];
  private readonly byName: ReadonlyMap<string, StateSpec<S>>;

  /** @throws SluiceError MACHINE_INVALID where a state is named that is not declared, or cannot be reached */
  constructor({ type, domain, doc, entry, states }: MachineSpec<S>) {
    this.type = type;
    this.domain = domain;
    this.doc = doc;
    this.entry = Object.freeze([...entry]);
    this.states = Object.freeze(Object.keys(states) as S[]);
    this.byName = new Map(Object.entries(states) as [string, StateSpec<S>][]);
    this.check();
  }

  has(state: string): state is S {
    return this.byName.has(state);
  }

  /** @param state one of `states` */
  spec(state: S): StateSpec<S> {
    return this.byName.get(state)!;
  }

  /** Whether an entity may go from one state to another; from null it may begin. */
  legal(from: string | null, to: string): boolean {
    if (from === null) return (this.entry as readonly string[]).includes(to);
    return (this.byName.get(from)?.to as readonly string[] | undefined)?.includes(to) ?? false;
  }

  /** States from which one may be entered; null where an entity may begin in it. */
  before(to: string): readonly (S | null)[] {
    return [null, ...this.states].filter((from) => this.legal(from, to));
  }

  terminal(state: string): boolean {
    return this.byName.get(state)?.to.length === 0;
  }

  /** Name of what happened when a state was entered: `runtime:run:started`. */
  event(to: string): string {
    return `${this.domain}:${this.type}:${this.byName.get(to)?.event ?? to}`;
  }

  private check(): void {
    const faults: string[] = [];
    const known = (state: string, where: string): void => {
      if (!this.byName.has(state)) faults.push(`${where} names ${state}, which is no state of it`);
    };
    if (this.entry.length === 0) faults.push('it has no state to begin in');
    for (const state of this.entry) known(state, 'entry');
    for (const [state, { to, on_due }] of this.byName) {
      for (const next of to) known(next, state);
      if (on_due !== undefined && !to.includes(on_due)) faults.push(`${state} goes to ${on_due} when due, which is not legal from it`);
    }
    const reached = new Set<string>(this.entry);
    for (const state of reached) for (const next of this.byName.get(state)?.to ?? []) reached.add(next);
    for (const state of this.states) if (!reached.has(state)) faults.push(`${state} cannot be reached`);
    if (faults.length > 0) {
      throw new SluiceError('MACHINE_INVALID', `The machine ${this.type} is not sound: ${faults.join('; ')}.`, {
        hint: 'Correct its declaration.',
      });
    }
  }
}

/** Machines by type. */
export class Machines {
  private readonly byType: ReadonlyMap<string, Machine>;

  constructor(readonly all: readonly Machine[]) {
    this.byType = new Map(all.map((machine) => [machine.type, machine]));
  }

  /** @throws SluiceError MACHINE_UNKNOWN */
  get(type: string): Machine {
    const machine = this.byType.get(type);
    if (machine !== undefined) return machine;
    throw new SluiceError('MACHINE_UNKNOWN', `There is no machine ${type}.`, {
      hint: `Machines: ${this.all.map(({ type: name }) => name).join(', ')}.`,
    });
  }

  has(type: string): boolean {
    return this.byType.has(type);
  }
}
