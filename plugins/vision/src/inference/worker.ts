import { basename } from 'node:path';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type * as Ort from 'onnxruntime-node';
import { suppress } from './candidate';
import { chooseDecoder, type Decoder, type Tensors } from './decoder';
import { Letterbox, toPicture } from './letterbox';
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

// Runs in a worker thread: session.run() holds its thread for as long as the model computes.

class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

class Detector {
  private constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    private readonly input: string,
    private readonly decoder: Decoder,
    private readonly letterbox: Letterbox,
    readonly info: ModelInfo,
  ) {}

  static async load({ path, decoder: wanted, inputSize }: ModelSpec): Promise<Detector> {
    const ort = loadRuntime();
    const file = basename(path);
    // One thread: more of them fight with the rest of the process for the same cores.
    const session = await ort.InferenceSession.create(path, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    }).catch((error: Error) => {
      throw new Refused('MODEL_INVALID', `${file} is not a whole ONNX model: ${error.message.replace(path, file).split('\n')[0]}`);
    });
    const refuse = (why: string) => new Refused('MODEL_UNSUPPORTED', `${file} cannot be used as a detector: ${why}.`);
    const [input] = session.inputMetadata;
    if (session.inputMetadata.length !== 1 || input?.isTensor !== true)
      throw refuse(`it has ${session.inputMetadata.length} inputs, one picture is expected`);
    const { shape, type } = input;
    if (type !== 'float32' || shape.length !== 4 || shape[1] !== 3)
      throw refuse(`its input ${input.name} is ${type} [${shape.join(',')}], float32 [1,3,height,width] is expected`);
    const side = (value: number | string | undefined) => (typeof value === 'number' && value > 0 ? value : inputSize);
    const size = { height: side(shape[2]), width: side(shape[3]) };
    // One run on an empty picture shows the real shapes, and the first frame finds everything warm.
    const empty = new ort.Tensor('float32', new Float32Array(3 * size.width * size.height), [1, 3, size.height, size.width]);
    const outputs = await session.run({ [input.name]: empty }).catch((error: Error) => {
      throw refuse(`it fails on a picture of ${size.width}x${size.height} (${error.message.split('\n')[0]})`);
    });
    const chosen = chooseDecoder(wanted, floats(outputs, session.outputNames, refuse), size);
    if (typeof chosen === 'string') throw refuse(chosen);
    const { name, decoder } = chosen;
    return new Detector(ort, session, input.name, decoder, new Letterbox(decoder.prepare), {
      decoder: name,
      classes: decoder.classes,
      ...size,
    });
  }

  async detect(request: DetectRequest) {
    const at = this.letterbox.fill(request);
    const { height, width } = this.info;
    const outputs = await this.session.run({ [this.input]: new this.ort.Tensor('float32', this.letterbox.tensor, [1, 3, height, width]) });
    const wanted = request.classes === undefined ? undefined : new Set(request.classes);
    const all = this.decoder.decode(outputs as unknown as Tensors, request.threshold);
    const candidates = wanted === undefined ? all : all.filter(({ cls }) => wanted.has(cls));
    const boxes = candidates.map((box) => toPicture(box, at, request)).filter(({ x1, y1, x2, y2 }) => x2 - x1 >= 1 && y2 - y1 >= 1);
    return suppress(boxes, request.overlap ?? this.decoder.overlap, request.limit);
  }
}

function loadRuntime(): typeof Ort {
  try {
    return require('onnxruntime-node') as typeof Ort;
  } catch (error) {
    throw new Refused('MODEL_RUNTIME_MISSING', `onnxruntime-node does not load: ${(error as Error).message.split('\n')[0]}`);
  }
}

function floats(outputs: Ort.InferenceSession.OnnxValueMapType, names: readonly string[], refuse: (why: string) => Refused): Tensors {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = outputs[name] as Ort.Tensor;
      if (tensor.type !== 'float32') throw refuse(`its output ${name} is ${tensor.type}, float32 is expected`);
      return [name, { data: tensor.data as Float32Array, dims: tensor.dims }];
    }),
  );
}

function faultOf(error: unknown): Fault {
  return error instanceof Refused
    ? { code: error.code, message: error.message }
    : { code: 'MODEL_FAILED', message: error instanceof Error ? error.message : String(error) };
}

/** Computes where nobody has asked to stop, and says meanwhile that it does: this thread must not be stopped then. */
async function computing<T>(state: Int32Array, work: () => Promise<T>): Promise<T> {
  Atomics.store(state, BUSY, 1);
  try {
    if (Atomics.load(state, STOP) === 1) throw new Refused('MODEL_CLOSED', 'The model is closed.');
    return await work();
  } finally {
    Atomics.store(state, BUSY, 0);
    Atomics.notify(state, BUSY);
  }
}

async function serve(port: MessagePort): Promise<void> {
  const { spec, state } = workerData as ThreadData;
  let detector: Detector;
  try {
    detector = await computing(state, () => Detector.load(spec));
    port.postMessage({ info: detector.info } satisfies Started);
  } catch (error) {
    port.postMessage({ fault: faultOf(error) } satisfies Started);
    return;
  }
  // One tensor, so one at a time.
  let last = Promise.resolve();
  port.on('message', (request: DetectRequest) => {
    last = last.then(async () => {
      let answer: Answer;
      try {
        answer = { id: request.id, boxes: await computing(state, () => detector.detect(request)) };
      } catch (error) {
        answer = { id: request.id, fault: faultOf(error) };
      }
      port.postMessage(answer);
    });
  });
}

if (parentPort !== null) void serve(parentPort);
