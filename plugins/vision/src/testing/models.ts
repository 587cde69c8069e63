import { writeFileSync } from 'node:fs';
import { encodeModel } from '../../tools/onnx.mjs';

/** A model file that takes a picture and always says `values`, output by output. */
export function constantModel(
  path: string,
  input: { dims: (number | string)[]; type?: string },
  outputs: Record<string, { dims: number[]; values: Float32Array }>,
): string {
  const names = Object.keys(outputs);
  const floats = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  writeFileSync(
    path,
    encodeModel({
      name: 'constant',
      nodes: [
        { op: 'Cast', name: 'float', inputs: ['picture'], outputs: ['float'], attributes: { to: 1 } },
        { op: 'ReduceMean', name: 'mean', inputs: ['float'], outputs: ['mean'], attributes: { keepdims: 0 } },
        { op: 'Mul', name: 'nothing', inputs: ['mean', 'zero'], outputs: ['nothing'], attributes: {} },
        ...names.map((name) => ({
          op: 'Add',
          name: `say ${name}`,
          inputs: ['nothing', `${name} values`],
          outputs: [name],
          attributes: {},
        })),
      ],
      tensors: [
        { name: 'zero', dims: [], type: 'float32', data: Buffer.alloc(4) },
        ...names.map((name) => ({
          name: `${name} values`,
          dims: outputs[name]!.dims,
          type: 'float32',
          data: floats(outputs[name]!.values),
        })),
      ],
      inputs: [{ name: 'picture', ...input }],
      outputs: names.map((name) => ({ name, dims: outputs[name]!.dims })),
    }),
  );
  return path;
}
