import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { SluiceError, token, type Token } from '@sluice/sdk';
import type { Candidate } from './candidate';
import {
  BUSY,
  STOP,
  type Answer,
  type DetectRequest,
  type Fault,
  type ModelInfo,
  type ModelSpec,
  type Started,
  type ThreadData,
} from './messages';

const HINTS: Readonly<Record<string, string>> = {
  MODEL_INVALID: 'Fetch or export the file again: `sluice assets verify` compares checksums.',
  MODEL_UNSUPPORTED: 'Set `decoder` to the family that the model belongs to, or export it to one of the layouts in the node docs.',
  MODEL_RUNTIME_MISSING: 'Run `npm install onnxruntime-node`; it has binaries for Linux, macOS and Windows.',
};

function asError({ code, message }: Fault): SluiceError {
  return new SluiceError(code, message, {
    retryable: code === 'MODEL_FAILED',
    ...(HINTS[code] === undefined ? {} : { hint: HINTS[code] }),
  });
}

/** A model in its worker thread. A worker that dies is started again for the next picture. */
export class Model {
  private thread: Promise<Thread> | undefined;

  constructor(private readonly spec: ModelSpec) {}

  /** @throws SluiceError MODEL_INVALID, MODEL_UNSUPPORTED or MODEL_RUNTIME_MISSING, naming the file */
  async info(): Promise<ModelInfo> {
    return (await this.started()).info;
  }

  async detect(request: Omit<DetectRequest, 'id'>): Promise<readonly Candidate[]> {
    return (await this.started()).detect(request);
  }

  async close(): Promise<void> {
    const thread = await this.thread?.catch(() => undefined);
    this.thread = undefined;
    await thread?.close();
  }

  private started(): Promise<Thread> {
    this.thread ??= Thread.start(this.spec, () => (this.thread = undefined)).catch((error: unknown) => {
      this.thread = undefined;
      throw error;
    });
    return this.thread;
  }
}

/** A thread that is stopped inside of the native runtime takes the whole process with it, so those that work are waited for this long. */
const STOP_MS = 5_000;

/** The states of all threads: `process.exit()`, whoever calls it, stops every one. */
const states = new Set<Int32Array>();
process.on('exit', () => {
  for (const state of states) {
    Atomics.store(state, STOP, 1);
    Atomics.wait(state, BUSY, 1, STOP_MS);
  }
});

class Thread {
  private readonly pending = new Map<number, { resolve: (boxes: readonly Candidate[]) => void; reject: (error: Error) => void }>();
  private next = 1;
  /** Told when nothing is under way. */
  private resting: (() => void) | undefined;

  private constructor(
    private readonly worker: Worker,
    readonly info: ModelInfo,
    private readonly state: Int32Array,
    lost: () => void,
  ) {
    worker.on('message', (answer: Answer) => {
      const call = this.pending.get(answer.id);
      this.pending.delete(answer.id);
      if (this.pending.size === 0) this.rest();
      if ('fault' in answer) call?.reject(asError(answer.fault));
      else call?.resolve(answer.boxes);
    });
    worker.once('exit', (code) => {
      lost();
      for (const { reject } of this.pending.values()) {
        reject(
          new SluiceError('MODEL_WORKER_LOST', `The thread of the model ended with ${code} while it worked.`, {
            retryable: true,
            hint: 'It is started again for the next frame.',
          }),
        );
      }
      this.pending.clear();
      this.rest();
    });
  }

  static start(spec: ModelSpec, lost: () => void): Promise<Thread> {
    return new Promise((resolve, reject) => {
      const { file, options } = entry();
      const state = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
      const worker = new Worker(file, { ...options, workerData: { spec, state } satisfies ThreadData });
      states.add(state);
      worker.once('exit', () => states.delete(state));
      const died = (error: unknown) =>
        reject(SluiceError.from(error, 'MODEL_WORKER_LOST', { hint: 'The thread of the model could not start; see the message.' }));
      worker.on('error', died);
      worker.once('exit', (code) => died(new Error(`The thread of the model ended with ${code} while it loaded.`)));
      worker.once('message', (started: Started) => {
        if ('fault' in started) {
          void worker.terminate();
          reject(asError(started.fault));
          return;
        }
        // Idle, it must not keep a program from ending.
        worker.unref();
        resolve(new Thread(worker, started.info, state, lost));
      });
    });
  }

  detect(request: Omit<DetectRequest, 'id'>): Promise<readonly Candidate[]> {
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.pending.set(id, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ id, ...request } satisfies DetectRequest);
    });
  }

  /** Lets what is under way come back, and refuses the rest. */
  async close(): Promise<void> {
    Atomics.store(this.state, STOP, 1);
    if (this.pending.size > 0) await new Promise<void>((done) => (this.resting = done));
    await this.worker.terminate();
  }

  /** Idle, it must not keep a program from ending. */
  private rest(): void {
    this.worker.unref();
    this.resting?.();
  }
}

/** The worker's file beside this one, built or as source. */
function entry(): { file: string; options: WorkerOptions } {
  if (!__filename.endsWith('.ts')) return { file: join(__dirname, 'worker.js'), options: { execArgv: [] } };
  return {
    file: join(__dirname, 'worker.ts'),
    options: {
      execArgv: ['-r', require.resolve('@swc-node/register')],
      env: { ...process.env, SWC_NODE_PROJECT: process.env['SWC_NODE_PROJECT'] ?? join(__dirname, '../../../../tsconfig.base.json') },
    },
  };
}

/** The models of an engine, one thread each, shared by all nodes and runs that ask for the same file. */
export class Models {
  private readonly open = new Map<string, Model>();

  /** @throws SluiceError MODEL_NOT_FOUND, and what Model.info throws */
  async get(spec: ModelSpec): Promise<Model> {
    const found = await stat(spec.path).catch(() => undefined);
    if (found === undefined || !found.isFile()) {
      throw new SluiceError('MODEL_NOT_FOUND', `There is no model ${spec.path}.`, {
        hint: 'Set `model` to a file; staged ones come with `sluice assets stage`.',
      });
    }
    // A file that was replaced is another model.
    const key = JSON.stringify([spec, found.mtimeMs, found.size]);
    const model = this.open.get(key) ?? new Model(spec);
    this.open.set(key, model);
    try {
      await model.info();
    } catch (error) {
      this.open.delete(key);
      throw error;
    }
    return model;
  }

  async close(): Promise<void> {
    const models = [...this.open.values()];
    this.open.clear();
    await Promise.all(models.map((model) => model.close()));
  }
}

export const MODELS: Token<Models> = token('vision/models');
