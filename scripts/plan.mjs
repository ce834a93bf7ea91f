// `npm run -s plan`: the kernels that a recipe's training step is compiled into.
import { readPlan } from './arguments.mjs';
import { withBenchPage } from './benchPage.mjs';
import { main, UsageError } from './command.mjs';

const help = `Prints the kernels of a training step: what each computes, bytes moved, floating-point operations, memory.

  npm run -s plan -- [--recipe recipe.json] [--buffers N] [--software] [--json]

  --recipe    a recipe file; a small MetaMAE without it
  --buffers   buffers that a kernel may bind (default 10; WebGPU promises 8)
  --software  as for an adapter that computes on the CPU
  --json      the same as one JSON line`;

await main(async () => {
  const asked = readPlan(process.argv.slice(2));
  if (asked === 'help') {
    console.log(help);
    return 0;
  }
  const answer = await withBenchPage((page) =>
    page.evaluate((options) => window.benchmark.plan(options), {
      buffers: asked.buffers,
      software: asked.software,
      ...(asked.recipe && { recipe: asked.recipe }),
    }),
  );
  if ('fault' in answer) throw new UsageError(`The recipe cannot be planned: ${answer.fault}.`);
  const { plan } = answer;
  if (asked.json) {
    console.log(JSON.stringify(plan));
    return 0;
  }
  plan.kernels.forEach((kernel, i) => {
    console.log(
      [
        String(i + 1).padStart(4),
        kernel.kind.padEnd(9),
        kernel.domain.padEnd(24),
        `${(kernel.bytes / 1024).toFixed(1)} KiB`.padStart(12),
        `${(kernel.flops / 1e6).toFixed(3)} MFLOP`.padStart(14),
        ` ${kernel.operations}`,
      ].join(' '),
    );
  });
  const kinds = plan.kernels.map((kernel) => kernel.kind);
  const count = (/** @type {string} */ kind) => kinds.filter((k) => k === kind).length;
  const arena = plan.arenas.reduce((sum, size) => sum + size, 0);
  console.log(`
${kinds.length} kernels (${count('product')} products, ${count('rows')} over rows, ${count('pointwise')} elementwise) and 2 of AdamW; ${plan.pipelines} pipelines
${(plan.bytes / 2 ** 20).toFixed(1)} MiB moved, ${(plan.flops / 1e6).toFixed(1)} MFLOP, ${plan.arenas.length} arenas of ${(arena / 2 ** 20).toFixed(2)} MiB in all`);
  return 0;
});
