// Writes ONNX files: the few messages of onnx.proto that a model needs, as protobuf. Numbers are the field numbers of onnx.proto.

export const TYPE = { float32: 1, int32: 6, int64: 7, float16: 10 };

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

const int = (field, value) => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field, value) => {
  const data = Buffer.from(value);
  return Buffer.concat([varint((field << 3) | 2), varint(data.length), data]);
};
const ints = (field, values) => (values.length === 0 ? Buffer.alloc(0) : bytes(field, Buffer.concat(values.map(varint))));
const float = (field, value) => {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), data]);
};

/** An attribute from a plain value: text, list of integers, integer, or `{ float }`. */
function attribute([name, value]) {
  const parts = Array.isArray(value)
    ? [ints(8, value), int(20, 7)]
    : typeof value === 'string'
      ? [bytes(4, value), int(20, 3)]
      : typeof value === 'number'
        ? [int(3, value), int(20, 2)]
        : [float(2, value.float), int(20, 1)];
  return Buffer.concat([bytes(1, name), ...parts]);
}

function node({ inputs, outputs, name, op, attributes }) {
  return Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    ...outputs.map((output) => bytes(2, output)),
    bytes(3, name),
    bytes(4, op),
    ...Object.entries(attributes).map((entry) => bytes(5, attribute(entry))),
  ]);
}

function tensor({ name, dims, type, data }) {
  return Buffer.concat([ints(1, dims), int(2, TYPE[type]), bytes(8, name), bytes(9, data)]);
}

function valueInfo({ name, type = 'float32', dims }) {
  const shape = Buffer.concat(dims.map((size) => bytes(1, typeof size === 'number' ? int(1, size) : bytes(2, size))));
  return Buffer.concat([bytes(1, name), bytes(2, bytes(1, Buffer.concat([int(1, TYPE[type]), bytes(2, shape)])))]);
}

/**
 * A model as bytes.
 * @param graph `{ name, nodes: [{ op, name, inputs, outputs, attributes }], tensors: [{ name, dims, type, data }], inputs, outputs: [{ name, type?, dims }] }`
 */
export function encodeModel(graph, { producer = 'sluice', opset = 13 } = {}) {
  const body = Buffer.concat([
    ...graph.nodes.map((one) => bytes(1, node(one))),
    bytes(2, graph.name),
    ...graph.tensors.map((one) => bytes(5, tensor(one))),
    ...graph.inputs.map((one) => bytes(11, valueInfo(one))),
    ...graph.outputs.map((one) => bytes(12, valueInfo(one))),
  ]);
  return Buffer.concat([int(1, 7), bytes(2, producer), bytes(7, body), bytes(8, Buffer.concat([bytes(1, ''), int(2, opset)]))]);
}
