// How kernels are cut up where nothing has been measured: by what an adapter is.
import type { Variants } from './generate/generate';
import type { ProductVariant } from './generate/product';
import { sizeOf } from './graph';
import { isReduction } from './kernel';

/** A processor that plays a GPU: few wide threads, costly barriers, no shared memory to speak of. */
export const softwareVariants: Variants = {
  product: ({ node, outputs }) => {
    const [batch, m, n] = node.shape as [number, number, number];
    // Taller tiles run no faster, wider ones a tenth, and take a third longer to compile.
    const rows = Math.min(m, 4);
    const columns = 4;
    const tiles = batch * Math.ceil(m / rows) * Math.ceil(n / columns);
    const rolled = outputs.some((o) => o.node !== node) || n % 4 !== 0;
    return { rows, columns, workgroup: tiles >= 512 ? 64 : 16, rolled };
  },
  rows: ({ rows, members }) => {
    const work = members.reduce(
      (sum, m) => sum + (isReduction(m) ? m.depth : m.depth * m.inner),
      0,
    );
    // Both cores should have something to do.
    if (rows < 16 && work > 512 && members.every(isReduction))
      return { sharing: 16, workgroup: 16 };
    return { sharing: 1, workgroup: rows >= 512 ? 64 : 16 };
  },
};

/**
 * The same with the factors of matrix products rounded to 16-bit floats: faster where the adapter computes with them, and
 * less exact.
 */
export const halved = (
  variants: Variants,
  half: NonNullable<ProductVariant['half']>,
): Variants => ({
  ...variants,
  product: (kernel) => ({ ...variants.product(kernel), half }),
});

export const gpuVariants: Variants = {
  product: ({ node }) => {
    const [batch, m, n] = node.shape as [number, number, number];
    const elements = sizeOf(node.shape);
    // Small products are short of invocations, large ones of registers.
    const rows = elements >= 1 << 18 && m >= 8 ? 8 : Math.min(m, 4);
    const columns = 4;
    const tiles = batch * Math.ceil(m / rows) * Math.ceil(n / columns);
    return { rows, columns, workgroup: tiles >= 4096 ? 64 : 32, rolled: false };
  },
  rows: ({ rows, members }) => {
    const depth = Math.max(0, ...members.map((m) => m.depth));
    if (!members.every(isReduction) || members.length === 0 || depth < 16) {
      return { sharing: 1, workgroup: rows >= 8192 ? 64 : 32 };
    }
    if (rows < 16) return { sharing: 256, workgroup: 256 };
    if (rows < 2048 || depth >= 512) return { sharing: depth >= 128 ? 32 : 16, workgroup: 128 };
    return { sharing: 8, workgroup: 128 };
  },
};
