import { SluiceError } from '@sluice/sdk';
import type { Cause, EventLog } from './event-log';

/** Long work: asked for by one request, looked at by others. */
export interface JobInfo {
  readonly id: string;
  /** Such as `run.drain`. */
  readonly kind: string;
  readonly target: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** 0 to 1; null where nobody can tell. */
  readonly progress: number | null;
  readonly message: string;
  /** ISO-8601 UTC. */
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly actor: string;
  readonly correlation_id: string | null;
  /** What it gave. */
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string; readonly details: unknown } | null;
  /** Last lines of its log. */
  readonly log: readonly string[];
}

/** What the work of a job has to do with it. */
export interface JobControl {
  readonly signal: AbortSignal;
  /** @param part 0 to 1 */
  progress(part: number | null, message?: string): void;
  log(line: string): void;
}

export interface JobSpec {
  readonly kind: string;
  readonly target: string;
  readonly actor: string;
  readonly cause: Cause;
  /** One at a time of this kind and target. */
  readonly alone?: boolean;
  readonly work: (control: JobControl) => Promise<unknown>;
}

interface Job {
  info: JobInfo;
  readonly abort: AbortController;
  readonly cause: Cause;
}

/** Jobs that ended and can still be asked for. */
const KEPT = 200;
/** Lines of a job's log that are kept. */
const LOG = 200;
/** Jobs at one time: a caller that loops must not fill the memory. */
const AT_ONCE = 32;

/** The jobs of this server. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  readonly #events: EventLog;
  readonly #over: (job: JobInfo, cause: Cause) => void;
  #count = 0;

  constructor(events: EventLog, over: (job: JobInfo, cause: Cause) => void = () => undefined) {
    this.#events = events;
    this.#over = over;
  }

  /** @throws SluiceError JOB_CONFLICT */
  start({ kind, target, actor, cause, alone = false, work }: JobSpec): JobInfo {
    const running = [...this.#jobs.values()].filter(({ info }) => info.state === 'running');
    const same = running.find(({ info }) => info.kind === kind && info.target === target);
    if ((alone && same !== undefined) || running.length >= AT_ONCE) {
      throw new SluiceError(
        'JOB_CONFLICT',
        same === undefined ? `${AT_ONCE} jobs are under way.` : `Job ${same.info.id} does this already.`,
        {
          hint: 'Wait for it, or cancel it.',
          details: { job: same?.info.id ?? null },
          retryable: true,
        },
      );
    }
    const id = `job-${++this.#count}`;
    const abort = new AbortController();
    const info: JobInfo = {
      id,
      kind,
      target,
      state: 'running',
      progress: null,
      message: '',
      started_at: new Date().toISOString(),
      ended_at: null,
      actor,
      correlation_id: cause.correlation_id,
      result: null,
      error: null,
      log: [],
    };
    const job: Job = { info, abort, cause };
    this.#jobs.set(id, job);
    this.#forget();
    this.#tell(job, 'started');
    void this.#run(job, work);
    return job.info;
  }

  list(): readonly JobInfo[] {
    return [...this.#jobs.values()].map(({ info }) => info).reverse();
  }

  /** @throws SluiceError JOB_NOT_FOUND */
  need(id: string): JobInfo {
    return this.#need(id).info;
  }

  /** Asks a job to end; where it cannot any more, it ends by itself. */
  cancel(id: string): JobInfo {
    const job = this.#need(id);
    job.abort.abort(new SluiceError('CANCELLED', 'The job was cancelled.'));
    return job.info;
  }

  async #run(job: Job, work: JobSpec['work']): Promise<void> {
    const { abort } = job;
    const set = (change: Partial<JobInfo>): void => void (job.info = { ...job.info, ...change });
    const control: JobControl = {
      signal: abort.signal,
      progress: (part, message) => {
        if (job.info.state !== 'running') return;
        set({ progress: part === null ? null : Math.min(1, Math.max(0, part)), ...(message === undefined ? {} : { message }) });
        this.#tell(job, 'progressed');
      },
      log: (line) => set({ log: [...job.info.log.slice(1 - LOG), line] }),
    };
    try {
      const result = await work(control);
      set({ state: 'done', progress: 1, result: result ?? null, ended_at: new Date().toISOString() });
    } catch (thrown) {
      const error = SluiceError.from(thrown, 'JOB_FAILED');
      const { code, message, hint, details = null } = error;
      set({
        state: abort.signal.aborted ? 'cancelled' : 'failed',
        error: { code, message, ...(hint === undefined ? {} : { hint }), details },
        ended_at: new Date().toISOString(),
      });
    }
    this.#tell(job, job.info.state);
    this.#over(job.info, job.cause);
  }

  #need(id: string): Job {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new SluiceError('JOB_NOT_FOUND', `There is no job ${JSON.stringify(id)}.`, { hint: 'GET /api/v1/jobs lists them.' });
  }

  #tell({ info: { id, kind, target, progress, message, error }, cause }: Job, action: string): void {
    this.#events.emit(`control:job:${action}`, { kind: 'job', id }, { kind, target, progress, message, error }, cause);
  }

  #forget(): void {
    const ended = [...this.#jobs.values()].filter(({ info }) => info.state !== 'running');
    for (const { info } of ended.slice(0, Math.max(0, ended.length - KEPT))) this.#jobs.delete(info.id);
  }
}
