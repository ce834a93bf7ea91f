// The fastest variant of each class is taken, and used where it fits.
import { describe, expect, test } from 'vitest';
import type { Generated } from './generate/emitter';
import { GraphBuilder, type Node, type NodeOf } from './graph';
import { type Measure, productClass, tune, tunedVariants } from './tune';
import { rememberedVariants } from './tuningMemory';
import { gpuVariants } from './variants';

/** A device on which wide tiles and rows shared by eight are fast. */
const imagined: Measure = async (candidates) => candidates.map(costOf);

function costOf({ program }: Generated): number {
  const text = JSON.stringify(program.body);
  const sharing = program.shared.length > 0 ? program.workgroup : 0;
  const accumulators = text.split('"do":"var"').length;
  return sharing > 0 ? Math.abs(sharing - 64) : 1000 - accumulators;
}

const noDevice = undefined as unknown as GPUDevice;

function product(m: number, n: number) {
  const b = new GraphBuilder();
  const node = b.matmul(
    b.input('x', [1, m, 64], 'float32'),
    b.input('y', [1, 64, n], 'float32'),
  ) as NodeOf<'matmul'>;
  return { kind: 'product', node, outputs: [], repeated: new Set<Node>() } as const;
}

describe('tune', () => {
  test('takes the fastest of each class', async () => {
    const { products, rows } = await tune(noDevice, 0, 60_000, imagined);
    expect(Object.keys(products)).toHaveLength(9);
    expect(products[productClass(product(512, 128).node)]).toMatchObject({ rows: 8, columns: 8 });
    expect(rows).toMatchObject({ few: { sharing: 8 }, some: { sharing: 8 }, many: { sharing: 8 } });
  });

  test('tries exchanges within subgroups as far as those reach', async () => {
    const quick: Measure = async (candidates) =>
      candidates.map(({ program }) =>
        JSON.stringify(program.body).includes('"exchange"') ? 1 / program.groups : 1000,
      );
    const { rows } = await tune(noDevice, 8, 60_000, quick);
    expect(Object.values(rows).every(({ subgroup, sharing }) => subgroup && sharing <= 8)).toBe(
      true,
    );
    const without = await tune(noDevice, 0, 60_000, quick);
    expect(Object.values(without.rows).some(({ subgroup }) => subgroup)).toBe(false);
  });

  test('leaves what it has no time for to the rule of thumb', async () => {
    const { products, rows } = await tune(noDevice, 0, -1, imagined);
    expect([products, rows]).toEqual([{}, {}]);
    const variants = tunedVariants({ products, rows }, gpuVariants);
    const kernel = product(512, 128);
    expect(variants.product(kernel)).toEqual(gpuVariants.product(kernel));
  });

  test('passes over what the device refuses', async () => {
    const picky: Measure = async (candidates) =>
      candidates.map((c) => (c.program.workgroup === 64 ? undefined : costOf(c)));
    const { products, rows } = await tune(noDevice, 0, 60_000, picky);
    expect(Object.values(products).every(({ workgroup }) => workgroup === 32)).toBe(true);
    expect(rows.some).toMatchObject({ sharing: 16 });
    const nothing = await tune(noDevice, 0, 60_000, async (c) => c.map(() => undefined));
    expect(nothing).toEqual({ products: {}, rows: {} });
  });

  test('puts no tall tile on a low matrix', async () => {
    const tuning = await tune(noDevice, 0, 60_000, imagined);
    const variants = tunedVariants(tuning, gpuVariants);
    expect(variants.product(product(512, 128))).toMatchObject({ rows: 8, columns: 8 });
    expect(variants.product(product(5, 16)).rows).toBeLessThanOrEqual(5);
  });
});

test('an adapter is measured once', async () => {
  const texts = new Map<string, string>();
  const memory = {
    read: async (key: string) => texts.get(key),
    write: async (key: string, text: string) => {
      texts.set(key, text);
    },
  };
  let measurements = 0;
  const measured = () => {
    measurements++;
    return tune(noDevice, 0, 60_000, imagined);
  };
  const first = await rememberedVariants('one', memory, measured);
  const again = await rememberedVariants('one', memory, measured);
  expect(measurements).toBe(1);
  expect(again.product(product(512, 128))).toEqual(first.product(product(512, 128)));
  await rememberedVariants('another', memory, measured);
  expect(measurements).toBe(2);
});
