import type { Plan } from '@sluice/graph';
import type { Engine, Run, RunReport } from '@sluice/runtime';
import { SluiceError, type Packet } from '@sluice/sdk';
import { NO_CAUSE, type Cause } from './event-log';
import { viewOf } from './live/packet-view';
import type { Runs } from './runs';
import type { Workspace } from './workspace';

/** What a short run on given input gave. */
export interface Trial {
  readonly report: RunReport;
  readonly outputs: Readonly<Record<string, readonly unknown[]>>;
  readonly more: Readonly<Record<string, number>>;
  readonly errors: readonly { readonly node: string; readonly code: string; readonly message: string }[];
  readonly timed_out: boolean;
}

export interface StartRequest {
  /** Payloads of each of the graph's inputs. */
  readonly inputs?: Readonly<Record<string, readonly unknown[]>>;
  readonly cause?: Cause;
  /** What was given for the graph's parameters. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Runs at one time: a caller that loops must not fill the machine. */
const AT_ONCE = 16;
/** Payloads of each output that a trial gives back. */
const SHOWN = 50;

/** Starts runs for the API, each with an engine of its own, which is closed behind it. */
export class Supervisor {
  readonly #engines = new Set<Engine>();
  readonly #owners = new Map<Run, Engine>();
  #started = 0;

  constructor(
    private readonly workspace: Workspace,
    private readonly runs: Runs,
  ) {}

  /** @throws SluiceError RUNS_EXHAUSTED, INPUT_MISSING, and what the engine says of the plan */
  start(plan: Plan, { inputs = {}, cause = NO_CAUSE, params = {} }: StartRequest = {}): Run {
    const { run, engine } = this.#begin(plan, inputs, cause);
    this.#own(run, engine);
    return this.#shown(run, cause, params);
  }

  /**
   * Lets another plan take over from a run, in its engine: what did not change goes on.
   * @param returned told of the run in which the old plan goes on where the new one cannot open
   * @throws SluiceError RUN_NOT_REPLACED, NODE_UNKNOWN
   */
  replace(old: Run, plan: Plan, { cause = NO_CAUSE, params = {} }: StartRequest, returned: (run: Run) => void): Run {
    const engine = this.#owners.get(old);
    const shown = (run: Run, values: Readonly<Record<string, unknown>>): Run => {
      if (engine !== undefined) this.#own(run, engine);
      return this.#shown(run, cause, values, old);
    };
    const onFailed = (back: (id?: string) => Run): void => returned(shown(back(this.#id(old.plan)), this.runs.params(old.id)));
    return shown(old.replace(plan, { id: this.#id(plan), ...asked(cause), onFailed }), params);
  }

  #shown(run: Run, cause: Cause, params: Readonly<Record<string, unknown>>, from?: Run): Run {
    this.runs.add(run, cause, params, from?.id);
    // What kept it from starting is in its figures and events.
    run.ready.catch(() => undefined);
    return run;
  }

  /** An engine is closed with its last run. */
  #own(run: Run, engine: Engine): void {
    this.#owners.set(run, engine);
    void run.done.then(() => {
      this.#owners.delete(run);
      return [...this.#owners.values()].includes(engine) ? undefined : this.#close(engine);
    });
  }

  /** Runs a plan to its end on given input; past `timeoutMs` it is cancelled. Not among the runs that are shown. */
  async try(plan: Plan, inputs: Readonly<Record<string, readonly unknown[]>>, timeoutMs: number): Promise<Trial> {
    const { run, engine } = this.#begin(plan, inputs);
    const outputs: Record<string, unknown[]> = {};
    const more: Record<string, number> = {};
    const errors: { node: string; code: string; message: string }[] = [];
    const events = run.events.subscribe(({ event, node = '', code = '', message = '' }) => {
      if (event === 'node:failed' && errors.length < SHOWN) errors.push({ node, code, message });
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void run.cancel('it took too long');
    }, timeoutMs);
    try {
      const reading = Object.entries(run.outputs).map(async ([name, values]) => {
        const shown: unknown[] = (outputs[name] = []);
        for await (const payload of values) {
          if (shown.length < SHOWN) shown.push(payloadView(payload));
          else more[name] = (more[name] ?? 0) + 1;
        }
      });
      run.ready.catch(() => undefined);
      const report = await run.done;
      await Promise.all(reading);
      return { report, outputs, more, errors, timed_out: timedOut };
    } finally {
      clearTimeout(timer);
      events.unsubscribe();
      await this.#close(engine);
    }
  }

  /** Cancels what goes, and closes all engines. */
  async close(): Promise<void> {
    await Promise.all([...this.#engines].map((engine) => this.#close(engine)));
  }

  #begin(plan: Plan, inputs: Readonly<Record<string, readonly unknown[]>>, cause = NO_CAUSE): { run: Run; engine: Engine } {
    if (this.#engines.size >= AT_ONCE) {
      throw new SluiceError('RUNS_EXHAUSTED', `${AT_ONCE} runs are under way.`, { hint: 'Stop one first.', retryable: true });
    }
    const missing = plan.inputs.filter(({ name }) => inputs[name] === undefined).map(({ name }) => name);
    if (missing.length > 0) {
      throw new SluiceError('INPUT_MISSING', `${plan.name} has inputs, and nothing is given for ${missing.join(', ')}.`, {
        hint: 'Give each a list of payloads in `inputs`.',
        details: missing,
      });
    }
    const engine = this.workspace.engine(plan);
    this.#engines.add(engine);
    try {
      const run: Run = engine.start(
        { ...plan, io: { in: {}, out: {} } },
        {
          inputs: inputs as object,
          id: this.#id(plan),
          ...asked(cause),
        },
      );
      return { run, engine };
    } catch (error) {
      void this.#close(engine);
      throw error;
    }
  }

  /** An id that no run here has (each engine counts for itself), nor one on record, of any process, where this one will be on record. */
  #id({ name, nodes }: Plan): string {
    const kept = nodes.some(({ policies }) => policies.durability !== 'none');
    const base = kept ? `${name}-${Date.now().toString(36)}` : name;
    do this.#started++;
    while (this.runs.get(`${base}-${this.#started.toString(36)}`) !== undefined);
    return `${base}-${this.#started.toString(36)}`;
  }

  async #close(engine: Engine): Promise<void> {
    if (this.#engines.delete(engine)) await engine.close();
  }
}

function asked({ correlation_id }: Cause): { readonly correlation?: string } {
  return correlation_id === null ? {} : { correlation: correlation_id };
}

function payloadView(payload: unknown): unknown {
  const bare = { toJSON: () => ({ payload, meta: {} }) } as unknown as Packet;
  return (viewOf(bare) as { payload: unknown }).payload;
}
