// The kernels of a recipe's step, for those who want to look at them.
import { describePlan, type PlanDescription } from '../compile/describe';
import { planTraining } from '../compile/training';
import { UnsupportedError } from '../compile/unsupported';
import { gpuVariants, softwareVariants } from '../compile/variants';
import { emptyExamples } from '../modality/inputSpec';
import { describeFaults, faultsOf } from '../store/faults';
import { ops } from '../tensor/ops';
import { trainingDefinition } from '../train/compiledEngine';
import { type Recipe, recipeSchema } from '../train/recipe';
import { drawNoise, hostInputs, stepOfRecipe } from '../train/step';

export interface PlanOptions {
  /** Content of a recipe file; a small MetaMAE where left out. */
  recipe?: unknown;
  /** Buffers that the adapter lets a kernel bind. */
  buffers?: number;
  /** For an adapter that computes on the CPU. */
  software?: boolean;
}

const smallRecipe: unknown = {
  version: 1,
  data: { source: 'builtin:waves', modality: 'time-series' },
  input: { kind: 'series', channels: 6, length: 80, patch: 5 },
  model: {
    encoder: { width: 64, layers: 4, heads: 4 },
    decoder: { width: 32, layers: 2, heads: 2 },
  },
  objective: { name: 'metamae', settings: { maskRatio: 0.75 } },
  optimiser: {},
  batchSize: 32,
  steps: 1,
};

/** The plan, or what is wrong with the recipe in words. */
export function plan({
  recipe,
  buffers = 10,
  software = false,
}: PlanOptions): { plan: PlanDescription } | { fault: string } {
  const parsed = recipeSchema.safeParse(recipe ?? smallRecipe);
  if (!parsed.success) return { fault: describeFaults(faultsOf(parsed.error, recipe)) };
  try {
    return { plan: planOf(parsed.data, buffers, software) };
  } catch (error) {
    if (!(error instanceof UnsupportedError)) throw error;
    return { fault: `its step cannot be compiled (${error.message})` };
  }
}

/** @throws UnsupportedError where the step cannot be compiled */
function planOf(checked: Recipe, buffers: number, software: boolean): PlanDescription {
  const definition = stepOfRecipe(ops, checked);
  const examples = emptyExamples(checked.input, checked.batchSize);
  const inputs = hostInputs(definition, examples, drawNoise(definition, 0, 1), {
    seed: 0,
    step: 1,
  });
  const kernels = planTraining(trainingDefinition(definition, inputs, checked.optimiser), {
    maxStorageBuffersPerShaderStage: buffers,
  });
  return describePlan(kernels, software ? softwareVariants : gpuVariants);
}
