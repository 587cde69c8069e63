// Converts a TensorFlow.js graph model to ONNX, opset 13, keeping half-precision weights as they are. Knows the operations that NanoDet
// uses and names every other. Names of tensors and nodes come from one counter in a fixed order: the same input gives the same bytes.

import { encodeModel } from './onnx.mjs';

/** Where weights of at most so many elements stay float32: a cast would cost more than it saves. */
const SMALL = 64;

export function fromHalf(half) {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The half that has exactly this value, or undefined. */
export function toHalf(value) {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size === Infinity) return sign | 0x7c00;
  if (size === 0) return sign;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const fraction = (size / 2 ** exponent) * 1024;
  const half = sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) | (fraction - 1024));
  return exponent <= 15 && Number.isInteger(fraction) && fromHalf(half) === value ? half : undefined;
}

function readWeights(manifest, binary) {
  const weights = new Map();
  let at = 0;
  for (const { name, shape, dtype, quantization } of manifest.flatMap((group) => group.weights)) {
    const count = shape.reduce((a, b) => a * b, 1);
    const half = quantization?.dtype === 'float16';
    if (quantization !== undefined && !half) throw new Error(`weight ${name}: quantization ${quantization.dtype} is not known`);
    const one =
      dtype === 'float32'
        ? half
          ? (i) => fromHalf(binary.readUInt16LE(at + 2 * i))
          : (i) => binary.readFloatLE(at + 4 * i)
        : (i) => binary.readInt32LE(at + 4 * i);
    weights.set(name, { dims: shape, type: dtype, values: Array.from({ length: count }, (_, i) => one(i)) });
    at += count * (half ? 2 : 4);
  }
  if (at !== binary.length) throw new Error(`the weights take ${at} bytes, the file has ${binary.length}`);
  return weights;
}

function raw({ type, values }) {
  if (type === 'float32') return Buffer.from(Float32Array.from(values).buffer);
  if (type === 'int32') return Buffer.from(Int32Array.from(values).buffer);
  return Buffer.from(BigInt64Array.from(values, BigInt).buffer);
}

const text = (attribute) => Buffer.from(attribute.s, 'base64').toString();
const numbers = (attribute) => (attribute.list.i ?? []).map(Number);
const bare = (name) => name.replace(/:0$/, '');

/** Inputs before what uses them, else in the order of the file. */
function ordered(nodes) {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const result = new Set();
  const visit = (node) => {
    if (node === undefined || result.has(node)) return;
    for (const input of node.input ?? []) visit(byName.get(input.split(':')[0]));
    result.add(node);
  };
  nodes.forEach(visit);
  return result;
}

class Converter {
  nodes = [];
  tensors = [];
  inputs = [];
  #count = 0;
  #written = new Set();

  constructor(weights) {
    this.constants = weights;
  }

  value(name) {
    const found = this.constants.get(bare(name));
    if (found === undefined) throw new Error(`${name} is expected to be constant`);
    return found;
  }

  emit(op, inputs, output = `t${this.#count++}`, attributes = {}) {
    const outputs = [output].flat();
    this.nodes.push({ op, inputs, outputs, name: `n${this.#count++}`, attributes });
    return outputs[0];
  }

  write(name, tensor) {
    const halves = tensor.type === 'float32' && tensor.values.length > SMALL ? tensor.values.map(toHalf) : [undefined];
    if (halves.includes(undefined)) {
      this.tensors.push({ name, dims: tensor.dims, type: tensor.type, data: raw(tensor) });
      return;
    }
    this.tensors.push({ name: `${name}__h`, dims: tensor.dims, type: 'float16', data: Buffer.from(Uint16Array.from(halves).buffer) });
    this.nodes.push({ op: 'Cast', inputs: [`${name}__h`], outputs: [name], name: `c${this.#count++}`, attributes: { to: 1 } });
  }

  constant(type, values, dims = [values.length]) {
    const name = `k${this.#count++}`;
    this.write(name, { type, values, dims });
    return name;
  }

  /** The name of a tensor; a weight is written when first used. */
  use(name) {
    const tensor = this.constants.get(bare(name));
    if (tensor !== undefined && !this.#written.has(bare(name))) {
      this.#written.add(bare(name));
      this.write(bare(name), tensor);
    }
    return bare(name);
  }

  /** TensorFlow has channels last, ONNX first. */
  channelsFirst(name) {
    return this.emit('Transpose', [name], undefined, { perm: [0, 3, 1, 2] });
  }

  channelsLast(name, output) {
    this.emit('Transpose', [name], output, { perm: [0, 2, 3, 1] });
  }

  convert(node) {
    const { name, op, attr } = node;
    const input = node.input ?? [];
    const use = (i) => this.use(input[i]);
    switch (op) {
      case 'Const':
        return;
      case 'Placeholder':
        this.inputs.push({ name, dims: attr.shape.shape.dim.map(({ size }) => Number(size)) });
        return;
      case 'Add':
      case 'AddV2': {
        const sides = input.map((one) => this.constants.get(bare(one)));
        if (sides.every((side) => side?.type === 'int32')) this.constants.set(name, sum(sides));
        else this.emit('Add', [use(0), use(1)], name);
        return;
      }
      case 'SparseToDense':
        this.constants.set(name, dense(input.map((one) => this.value(one))));
        return;
      case 'Identity':
      case 'Sigmoid':
        this.emit(op, [use(0)], name);
        return;
      case 'LeakyRelu':
        this.emit(op, [use(0)], name, { alpha: { float: attr.alpha.f } });
        return;
      case 'Transpose':
        this.emit(op, [use(0)], name, { perm: this.value(input[1]).values });
        return;
      case 'Reshape':
        this.emit(op, [use(0), this.constant('int64', this.value(input[1]).values)], name);
        return;
      case 'ConcatV2':
        this.emit(
          'Concat',
          input.slice(0, -1).map((one) => this.use(one)),
          name,
          { axis: this.value(input.at(-1)).values[0] },
        );
        return;
      case 'SplitV': {
        const sizes = this.value(input[1]).values;
        const outputs = sizes.map((_, i) => (i === 0 ? name : `${name}:${i}`));
        this.emit('Split', [use(0), this.constant('int64', sizes)], outputs, { axis: this.value(input[2]).values[0] });
        return;
      }
      case 'Pad':
      case 'PadV2': {
        const pairs = this.value(input[1]).values;
        const before = pairs.filter((_, i) => i % 2 === 0);
        const after = pairs.filter((_, i) => i % 2 === 1);
        const from = use(0);
        const pads = this.constant('int64', [...before, ...after]);
        this.emit('Pad', [from, pads, op === 'Pad' ? this.constant('float32', [0], []) : use(2)], name);
        return;
      }
      case 'MaxPool': {
        const [, height, width] = numbers(attr.ksize);
        const [, down, right] = numbers(attr.strides);
        const pooled = this.emit(op, [this.channelsFirst(use(0))], undefined, {
          kernel_shape: [height, width],
          strides: [down, right],
          auto_pad: autoPad(attr),
        });
        this.channelsLast(pooled, name);
        return;
      }
      case 'Conv2D': {
        const [, down, right] = numbers(attr.strides);
        const [, tall, wide] = numbers(attr.dilations);
        const weight = this.constant('float32', ...kernel(this.value(input[1])));
        const made = this.emit('Conv', [this.channelsFirst(use(0)), weight], undefined, {
          strides: [down, right],
          dilations: [tall, wide],
          group: 1,
          auto_pad: autoPad(attr),
        });
        this.channelsLast(made, name);
        return;
      }
      case 'ResizeBilinear': {
        const picture = this.channelsFirst(use(0));
        const shape = this.emit('Shape', [picture]);
        const kept = this.emit('Slice', [shape, this.constant('int64', [0]), this.constant('int64', [2])]);
        const size = this.emit('Concat', [kept, this.constant('int64', this.value(input[1]).values)], undefined, { axis: 0 });
        if (attr.half_pixel_centers?.b !== true) throw new Error(`${name}: only half-pixel centres are known`);
        const resized = this.emit('Resize', [picture, '', '', size], undefined, {
          mode: 'linear',
          coordinate_transformation_mode: 'half_pixel',
        });
        this.channelsLast(resized, name);
        return;
      }
      default:
        throw new Error(`operation ${op} (${name}) is not known`);
    }
  }
}

function autoPad(attr) {
  const padding = text(attr.padding);
  if (padding === 'VALID') return 'VALID';
  if (padding === 'SAME') return 'SAME_UPPER';
  throw new Error(`padding ${padding} is not known`);
}

/** Height, width, in, out becomes out, in, height, width. */
function kernel({ dims: [height, width, ins, outs], values }) {
  const turned = new Array(values.length);
  let from = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let i = 0; i < ins; i++) for (let o = 0; o < outs; o++) turned[((o * ins + i) * height + y) * width + x] = values[from++];
  return [turned, [outs, ins, height, width]];
}

/** Shapes are computed from constants in the graph; the result is one. */
function sum([a, b]) {
  const longer = a.values.length >= b.values.length ? a : b;
  return {
    type: 'int32',
    dims: longer.dims,
    values: longer.values.map((_, i) => a.values[a.values.length === 1 ? 0 : i] + b.values[b.values.length === 1 ? 0 : i]),
  };
}

function dense([indices, shape, values, preset]) {
  const made = new Array(shape.values[0]).fill(preset.values[0]);
  indices.values.forEach((index, i) => (made[index] = values.values[i]));
  return { type: 'int32', dims: [...shape.values], values: made };
}

/** @returns the ONNX file as bytes */
export function convert(model, binary, name) {
  const converter = new Converter(readWeights(model.weightsManifest, binary));
  for (const node of ordered(model.modelTopology.node)) converter.convert(node);
  const outputs = Object.values(model.signature.outputs).map((output) => ({
    name: bare(output.name),
    dims: output.tensorShape.dim.map(({ size }) => Number(size)),
  }));
  return encodeModel(
    { name, nodes: converter.nodes, tensors: converter.tensors, inputs: converter.inputs, outputs },
    { producer: 'tfjs2onnx' },
  );
}
