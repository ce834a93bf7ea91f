// Random programs, compiled and run on the device, against the reference interpreter.
import { CompiledFunction } from '../compile/function';
import type { Variants } from '../compile/generate/generate';
import { sizeOf, type Values } from '../compile/graph';
import { interpret } from '../compile/interpret';
import { isReduction } from '../compile/kernel';
import { programOf } from '../compile/programs';
import { neighboursInSubgroup } from '../compile/subgroups';
import { trace } from '../compile/trace';
import { gpuVariants, softwareVariants } from '../compile/variants';
import { generator, normals } from '../model/random';
import { installGradients } from '../tensor/gradients';

export interface Agreement {
  programs: number;
  /** Invocations that shared rows within a subgroup; 0 where the adapter has none. */
  neighbours: number;
  /** Largest difference relative to the larger of 1 and the largest value of its output. */
  worst: number;
  /** Operations of the program that it belongs to. */
  where: string;
  /** What the device complained of. */
  errors: string[];
}

/** @param seed of the programs; a program every second one of which is differentiated twice */
export async function agreement(programs: number, seed: number): Promise<Agreement> {
  installGradients();
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('there is no WebGPU adapter');
  const subgroups = adapter.features.has('subgroups');
  const device = await adapter.requestDevice(subgroups ? { requiredFeatures: ['subgroups'] } : {});
  const neighbours = await neighboursInSubgroup(device);
  const ways = [
    softwareVariants,
    gpuVariants,
    ...(neighbours > 1 ? [inSubgroups(neighbours)] : []),
  ];
  const result: Agreement = { neighbours, programs, worst: 0, where: '', errors: [] };
  device.addEventListener('uncapturederror', ({ error }) => result.errors.push(error.message));
  for (let n = 0; n < programs; n++) {
    const random = generator(seed, 'program', n);
    const pick = () => (random.next() >>> 0) % 10_000;
    const length = 3 + (pick() % 12);
    const instructions = Array.from({ length }, () => Array.from({ length: 6 }, pick));
    const program = programOf(instructions, n % 2 === 1);
    const inputs = Object.fromEntries(
      Object.entries(program.signature).map(([name, { shape }]) => [
        name,
        normals(generator(seed, name, n), sizeOf(shape)).map((v) => v * 0.7),
      ]),
    );
    const expected = interpret(trace(program.run, program.signature), inputs);
    const compiled = await CompiledFunction.compile(device, program.run, program.signature, {
      variants: ways[n % ways.length]!,
    });
    const outputs = await compiled.run(inputs);
    compiled.dispose();
    for (const [name, values] of Object.entries(expected)) {
      const off = difference(outputs[name]!, values);
      if (off <= result.worst) continue;
      result.worst = off;
      result.where = `${name} of ${program.trail.join(' ')}`;
    }
  }
  device.destroy();
  return result;
}

/** Rows of reductions shared by neighbours that exchange what they found. */
const inSubgroups = (sharing: number): Variants => ({
  ...gpuVariants,
  rows: (kernel) =>
    kernel.members.every(isReduction)
      ? { sharing, workgroup: 64, subgroup: true }
      : gpuVariants.rows(kernel),
});

function difference(got: Values, expected: Values): number {
  let [scale, most] = [1, 0];
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]!));
    const off = Math.abs(got[i]! - expected[i]!);
    if (!(off <= most)) most = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
  }
  return most / scale;
}
