// The kernels of a recipe's step, for those who want to look at them.
import { describePlan, type PlanDescription } from '../compile/describe';
import { planTraining } from '../compile/training';
import { gpuVariants, softwareVariants } from '../compile/variants';
import { emptyExamples } from '../modality/inputSpec';
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

/** @throws UnsupportedError where the step cannot be compiled */
export function plan({ recipe, buffers = 10, software = false }: PlanOptions): PlanDescription {
  const checked: Recipe = recipeSchema.parse(recipe ?? smallRecipe);
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
