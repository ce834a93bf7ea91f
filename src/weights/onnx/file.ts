// The ONNX file format: the part of its protobuf schema that a model needs (onnx.proto3 of https://github.com/onnx/onnx).
// Field numbers stand beside the writing of each field.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { elementCount } from '../safetensors';

/** Element types, by their number in TensorProto.DataType. */
export const elementType = { float: 1, int64: 7 } as const;
type ElementType = keyof typeof elementType;

/** A constant of the graph, row-major. */
export interface Constant {
  name: string;
  shape: readonly number[];
  data: Float32Array | BigInt64Array;
}

export interface Node {
  operator: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** A whole number is written as an integer, a `float` as a float. */
  attributes: Readonly<Record<string, Attribute>>;
}
export type Attribute = number | readonly number[] | { float: number };

/** An input or output; a text extent is a free one, such as the batch. */
export interface Port {
  name: string;
  type: ElementType;
  shape: readonly (number | string)[];
  description: string;
}

export interface OnnxModel {
  name: string;
  description: string;
  /** Version of the standard operator set. */
  opset: number;
  inputs: readonly Port[];
  outputs: readonly Port[];
  nodes: readonly Node[];
  constants: readonly Constant[];
  metadata: Readonly<Record<string, string>>;
}

/** Version of the file format that goes with operator set 17 and every later one. */
const FORMAT_VERSION = 8;
const attributeType = { float: 1, integer: 2, integers: 7 } as const;

/** Writes a model as an `.onnx` file. */
export function writeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const out = new BinaryWriter();
  out.tag(1, WireType.Varint).int64(FORMAT_VERSION);
  text(out, 2, 'MetaMAE Playground');
  text(out, 6, model.description);
  message(out, 7, () => writeGraph(out, model));
  // The operator set's domain (1) is left empty: the standard one.
  message(out, 8, () => out.tag(2, WireType.Varint).int64(model.opset));
  for (const [key, value] of Object.entries(model.metadata)) {
    message(out, 14, () => {
      text(out, 1, key);
      text(out, 2, value);
    });
  }
  return out.finish();
}

function writeGraph(out: BinaryWriter, model: OnnxModel): void {
  for (const node of model.nodes) message(out, 1, () => writeNode(out, node));
  text(out, 2, model.name);
  for (const constant of model.constants) message(out, 5, () => writeConstant(out, constant));
  for (const port of model.inputs) message(out, 11, () => writePort(out, port));
  for (const port of model.outputs) message(out, 12, () => writePort(out, port));
}

function writeNode(out: BinaryWriter, node: Node): void {
  for (const name of node.inputs) text(out, 1, name);
  for (const name of node.outputs) text(out, 2, name);
  text(out, 3, node.outputs[0]!);
  text(out, 4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(out, 5, () => {
      text(out, 1, name);
      writeAttribute(out, value);
    });
  }
}

function writeAttribute(out: BinaryWriter, value: Attribute): void {
  let type: number;
  if (typeof value === 'number') {
    out.tag(3, WireType.Varint).int64(value);
    type = attributeType.integer;
  } else if ('float' in value) {
    out.tag(2, WireType.Bit32).float(value.float);
    type = attributeType.float;
  } else {
    for (const item of value) out.tag(8, WireType.Varint).int64(item);
    type = attributeType.integers;
  }
  out.tag(20, WireType.Varint).int32(type);
}

function writeConstant(out: BinaryWriter, { name, shape, data }: Constant): void {
  if (elementCount(shape) !== data.length)
    throw new RangeError(`"${name}" has ${data.length} values, not a shape of [${shape}]`);
  for (const extent of shape) out.tag(1, WireType.Varint).int64(extent);
  const type = data instanceof Float32Array ? elementType.float : elementType.int64;
  out.tag(2, WireType.Varint).int32(type);
  text(out, 8, name);
  out
    .tag(9, WireType.LengthDelimited)
    .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writePort(out: BinaryWriter, port: Port): void {
  text(out, 1, port.name);
  message(out, 2, () =>
    message(out, 1, () => {
      out.tag(1, WireType.Varint).int32(elementType[port.type]);
      message(out, 2, () => {
        for (const extent of port.shape) message(out, 1, () => writeExtent(out, extent));
      });
    }),
  );
  text(out, 3, port.description);
}

function writeExtent(out: BinaryWriter, extent: number | string): void {
  if (typeof extent === 'number') out.tag(1, WireType.Varint).int64(extent);
  else text(out, 2, extent);
}

function text(out: BinaryWriter, field: number, value: string): void {
  out.tag(field, WireType.LengthDelimited).string(value);
}

/** A nested message: `write` fills it in. */
function message(out: BinaryWriter, field: number, write: () => void): void {
  out.tag(field, WireType.LengthDelimited).fork();
  write();
  out.join();
}
