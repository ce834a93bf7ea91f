// A plan on a device: buffers laid out, pipelines compiled, bind groups made. Running it again makes nothing new.
import type { Plan } from './fusion/fuse';
import type { Generated } from './generate/emitter';
import { generate, inMemory, type Variants } from './generate/generate';
import { type Node, sizeOf } from './graph';
import type { Kernel } from './kernel';
import { aligned, alignedBytes, type MemoryPlan, planMemory } from './memory';
import { bindGroupLayout, pipelineOf } from './pipelines';
import { dispatchSize } from './program';
import { wgsl } from './wgsl';

/** A stretch of a buffer; offsets are multiples of 256 bytes. */
export interface Region {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

export interface Dispatch {
  readonly kernel: Kernel;
  readonly generated: Generated;
  readonly code: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly groups: readonly [number, number];
}

/** Hears how many of how many pipelines are compiled. */
export type CompileProgress = (done: number, total: number) => void;

interface Copy {
  readonly from: Region;
  readonly to: Region;
  readonly bytes: number;
}

export class Executable {
  private constructor(
    readonly dispatches: readonly Dispatch[],
    readonly memory: MemoryPlan,
    private readonly copies: readonly Copy[],
    private readonly owned: readonly GPUBuffer[],
  ) {}

  /**
   * @param inputs where the graph's inputs lie
   * @param outputs where its outputs are to go; no two may overlap, nor share a buffer with an input. An output without a
   *   place is left out
   * @throws UnsupportedError where a kernel cannot be written in WGSL
   */
  static async build(
    device: GPUDevice,
    plan: Plan,
    variants: Variants,
    inputs: Readonly<Record<string, Region>>,
    outputs: Readonly<Record<string, Region>>,
    progress?: CompileProgress,
  ): Promise<Executable> {
    const present = inMemory(plan.kernels);
    const generated: Generated[] = [];
    const codes: string[] = [];
    // The device compiles the first kernels while the next are being written.
    const compiling = plan.kernels.map((kernel) => {
      const made = generate(kernel, variants, present);
      const code = wgsl(made.program);
      generated.push(made);
      codes.push(code);
      return pipelineOf(device, code, made.program.buffers);
    });

    const reads = new Set(generated.flatMap((g) => boundAs(g, 'read')));
    // An output goes straight to its place unless another kernel reads it from there, or it has two.
    const placed = Object.keys(plan.graph.outputs).filter((name) => outputs[name]);
    const nodes = placed.map((name) => plan.graph.outputs[name]!);
    const direct = new Map<Node, Region>();
    const copied: { node: Node; to: Region }[] = [];
    for (const [i, name] of placed.entries()) {
      const [node, to] = [nodes[i]!, outputs[name]!];
      const computed = node.kind !== 'input' && node.kind !== 'data';
      const once = nodes.indexOf(node) === nodes.lastIndexOf(node);
      if (computed && once && !reads.has(node)) direct.set(node, to);
      else copied.push({ node, to });
    }
    const sources = new Set(copied.map((c) => c.node));
    const memory = planMemory(
      generated.map((g) => ({ reads: boundAs(g, 'read'), writes: boundAs(g, 'write') })),
      (node) => node.kind !== 'input' && node.kind !== 'data' && !direct.has(node),
      (node) => sources.has(node),
      device.limits.maxBufferSize,
    );

    const owned: GPUBuffer[] = [];
    const make = (size: number, label: string): GPUBuffer => {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: Math.max(size, 256), usage, label });
      owned.push(buffer);
      return buffer;
    };
    const arenas = memory.arenas.map((size, i) => make(size, `arena ${i}`));
    const tables = uploadTables(
      device,
      generated.flatMap((g) => g.bound),
      copied.map((c) => c.node),
      make,
    );
    const regionOf = (node: Node): Region => {
      if (node.kind === 'input') return inputs[node.name]!;
      const fixed = tables.get(node) ?? direct.get(node);
      if (fixed) return fixed;
      const slot = memory.slots.get(node)!;
      return { buffer: arenas[slot.arena]!, offset: slot.offset };
    };

    let done = 0;
    const total = new Set(codes).size;
    const counted = new Set<string>();
    const pipelines = await Promise.all(
      codes.map(async (code, i) => {
        const pipeline = await compiling[i]!;
        if (!counted.has(code)) {
          counted.add(code);
          progress?.(++done, total);
        }
        return pipeline;
      }),
    );
    const dispatches = plan.kernels.map((kernel, i): Dispatch => {
      const { program, bound } = generated[i]!;
      return {
        kernel,
        generated: generated[i]!,
        code: codes[i]!,
        pipeline: pipelines[i]!,
        groups: dispatchSize(program.groups),
        bindGroup: device.createBindGroup({
          layout: bindGroupLayout(device, program.buffers),
          entries: bound.map((node, binding) => {
            const { buffer, offset } = regionOf(node);
            return { binding, resource: { buffer, offset, size: bindingBytes(node) } };
          }),
        }),
      };
    });
    const copies = copied.map(({ node, to }) => ({
      from: regionOf(node),
      to,
      bytes: 4 * sizeOf(node.shape),
    }));
    return new Executable(dispatches, memory, copies, owned);
  }

  /** Writes all commands of one run. */
  encode(encoder: GPUCommandEncoder): void {
    const pass = encoder.beginComputePass();
    this.record(pass);
    pass.end();
    this.encodeCopies(encoder);
  }

  /** Whether something must be copied after the pass. */
  get copiesOutputs(): boolean {
    return this.copies.length > 0;
  }

  record(pass: GPUComputePassEncoder): void {
    for (const { pipeline, bindGroup, groups } of this.dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(groups[0], groups[1]);
    }
  }

  encodeCopies(encoder: GPUCommandEncoder): void {
    for (const { from, to, bytes } of this.copies) {
      encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
    }
  }

  dispose(): void {
    for (const buffer of this.owned) buffer.destroy();
  }
}

/** A vector of four is bound whole; places are aligned, so there is room. */
const bindingBytes = (node: Node): number => Math.ceil(sizeOf(node.shape) / 4) * 16;

function boundAs({ program, bound }: Generated, access: 'read' | 'write'): Node[] {
  return bound.filter((_, i) => program.buffers[i]!.access === access);
}

/** Puts the tables of a graph into one buffer. */
function uploadTables(
  device: GPUDevice,
  bound: readonly Node[],
  copied: readonly Node[],
  make: (size: number, label: string) => GPUBuffer,
): Map<Node, Region> {
  const regions = new Map<Node, Region>();
  const tables = [...new Set([...bound, ...copied])].filter((node) => node.kind === 'data');
  if (tables.length === 0) return regions;
  const size = tables.reduce((sum, node) => sum + alignedBytes(node), 0);
  const buffer = make(aligned(size), 'tables');
  let offset = 0;
  for (const node of tables) {
    const stored = node.dtype === 'bool' ? Int32Array.from(node.values) : node.values;
    device.queue.writeBuffer(buffer, offset, stored as Float32Array<ArrayBuffer>);
    regions.set(node, { buffer, offset });
    offset += alignedBytes(node);
  }
  return regions;
}
