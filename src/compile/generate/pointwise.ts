// Elementwise kernels: an invocation computes one element, or four neighbours where their number allows.
import type { Node } from '../graph';
import { add, scale } from '../indices';
import type { PointwiseKernel } from '../kernel';
import { Emitter, type Generated, lane } from './emitter';

const WORKGROUP = 128;

export function pointwise(kernel: PointwiseKernel, inBuffer: (node: Node) => boolean): Generated {
  const written = new Set(kernel.outputs.map((o) => o.node));
  const emitter = new Emitter({ inBuffer: (node) => inBuffer(node) && !written.has(node) });
  const lanes = kernel.size % 4 === 0 ? 4 : 1;
  return emitter.invocations(WORKGROUP, kernel.size / lanes, (scope, item) => {
    const offset = lanes === 4 ? add(scale(item, 4), lane) : item;
    for (const { node, at } of kernel.outputs) {
      const where = at(offset);
      emitter.store(node, where, emitter.value(node, where, scope), scope);
    }
  });
}
