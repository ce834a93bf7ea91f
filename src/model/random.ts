// Seeded random numbers. Every use has a stream of its own, addressed by seed, name and counter, so that any step's
// numbers can be made without those before it: a run resumes exactly from its step number alone.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Final mix of MurmurHash3 (Appleby): spreads every input bit over all 32. */
function mix(h: number): number {
  let x = h;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/** A generator for one purpose (`stream`) at one moment (`counter`). */
export function generator(seed: number, stream: string, counter = 0): RandomGenerator {
  let h = mix(seed ^ 0x9e3779b9);
  for (let i = 0; i < stream.length; i++) h = mix(h ^ stream.charCodeAt(i));
  return xoroshiro128plus(mix(h ^ counter));
}

/** A multiple of 2^-24 in [0, 1): exact in float32. */
function uniform(random: RandomGenerator): number {
  return (random.next() >>> 8) / 0x1000000;
}

export function uniforms(random: RandomGenerator, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = uniform(random);
  return values;
}

/** Standard normal numbers (Box & Muller 1958). */
export function normals(random: RandomGenerator, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform(random)));
    const angle = 2 * Math.PI * uniform(random);
    values[i] = radius * Math.cos(angle);
    if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** The numbers 0..count-1 in random order (Fisher & Yates). */
export function permutation(random: RandomGenerator, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}
