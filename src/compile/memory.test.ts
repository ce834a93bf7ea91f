// Planned places never overlap while both are needed, and no kernel writes where it reads.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, type Node } from './graph';
import { alignedBytes, planMemory, type Traffic } from './memory';

/** Chains of kernels, each reading some earlier tensors and writing some of its own. */
const schedules = fc
  .array(
    fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 3 }),
      reads: fc.array(fc.nat(50), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((kernels): Traffic[] => {
    const b = new GraphBuilder();
    const made: Node[] = [];
    return kernels.map(({ sizes, reads }) => {
      const read = [
        ...new Set(reads.flatMap((r) => (made.length > 0 ? [made[r % made.length]!] : []))),
      ];
      const writes = sizes.map((size, i) => b.input(`${made.length}/${i}`, [size], 'float32'));
      made.push(...writes);
      return { reads: read, writes };
    });
  });

describe('planMemory', () => {
  test('keeps apart what is needed together', () => {
    fc.assert(
      fc.property(schedules, fc.nat(5), (kernels, keepEvery) => {
        const kept = (node: Node) => keepEvery > 0 && node.id % keepEvery === 0;
        const { arenas, slots } = planMemory(kernels, () => true, kept);
        const life = new Map<Node, [number, number]>();
        kernels.forEach(({ reads, writes }, i) => {
          for (const node of writes) life.set(node, [i, kept(node) ? kernels.length : i]);
          for (const node of reads)
            life.set(node, [life.get(node)![0], Math.max(life.get(node)![1], i)]);
        });
        const nodes = [...life.keys()];
        for (const a of nodes) {
          const slot = slots.get(a)!;
          expect(slot.offset % 256).toBe(0);
          expect(slot.offset + alignedBytes(a)).toBeLessThanOrEqual(arenas[slot.arena]!);
          for (const b of nodes) {
            if (a === b || slots.get(b)!.arena !== slot.arena) continue;
            const [[startA, endA], [startB, endB]] = [life.get(a)!, life.get(b)!];
            if (endA < startB || endB < startA) continue;
            const other = slots.get(b)!.offset;
            const apart =
              slot.offset + alignedBytes(a) <= other || other + alignedBytes(b) <= slot.offset;
            expect(apart).toBe(true);
          }
        }
        for (const { reads, writes } of kernels) {
          const read = new Set(reads.map((node) => slots.get(node)!.arena));
          for (const node of writes) expect(read.has(slots.get(node)!.arena)).toBe(false);
        }
      }),
    );
  });

  test('takes the same place again along a chain', () => {
    const b = new GraphBuilder();
    const nodes = Array.from({ length: 20 }, (_, i) => b.input(String(i), [1000], 'float32'));
    const kernels = nodes.map((node, i) => ({
      reads: i > 0 ? [nodes[i - 1]!] : [],
      writes: [node],
    }));
    const { arenas } = planMemory(
      kernels,
      () => true,
      () => false,
    );
    expect(arenas).toHaveLength(2);
    expect(arenas.reduce((a, c) => a + c)).toBe(2 * alignedBytes(nodes[0]!));
  });
});
