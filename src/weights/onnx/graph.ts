// Builds an ONNX graph: nodes, constants and the names that flow between them.
import { type Attribute, type Constant, elementType, type Node } from './file';

/** Collects nodes and constants, and gives names to what flows between them. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly constants: Constant[] = [];
  private readonly names = new Set<string>();

  /** Adds a node and returns the name of its (first) output. */
  add(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs: readonly string[] = [`${operator}_${this.nodes.length}`],
  ): string {
    this.nodes.push({ operator, inputs, outputs, attributes });
    return outputs[0]!;
  }

  /** Adds a named constant once, whatever the number of its uses. */
  constant(name: string, shape: readonly number[], data: Float32Array | BigInt64Array): string {
    if (!this.names.has(name)) this.constants.push({ name, shape, data });
    this.names.add(name);
    return name;
  }

  floats(name: string, shape: readonly number[], values: readonly number[]): string {
    return this.constant(name, shape, Float32Array.from(values));
  }

  /** A vector of whole numbers, named after them unless they are many. */
  integers(values: readonly number[], name = `integers ${values}`): string {
    return this.constant(name, [values.length], BigInt64Array.from(values, BigInt));
  }

  integer(value: number): string {
    return this.constant(`integer ${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  scalar(value: number): string {
    return this.constant(`scalar ${value}`, [], Float32Array.of(value));
  }
}

export function absent(graph: Graph, x: string): string {
  return graph.add('Or', [graph.add('IsNaN', [x]), graph.add('IsInf', [x])]);
}

export function zeroWhereAbsent(graph: Graph, x: string): string {
  return graph.add('Where', [absent(graph, x), graph.scalar(0), x]);
}

export function toFloat(graph: Graph, x: string): string {
  return graph.add('Cast', [x], { to: elementType.float });
}

/** `[batch, ...]` as `[batch, 1, ...]`. */
export function row(graph: Graph, x: string): string {
  return graph.add('Unsqueeze', [x, graph.integers([1])]);
}

/** The first `length` along an axis. */
export function slice(graph: Graph, x: string, axis: number, length: number): string {
  return graph.add('Slice', [
    x,
    graph.integers([0]),
    graph.integers([length]),
    graph.integers([axis]),
  ]);
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

export function identity(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
}
