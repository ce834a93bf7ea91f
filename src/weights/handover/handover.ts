// The PyTorch hand-over: weights, recipe, description of the data, model card, and a program that goes on training.

import { objectives } from '../../objectives/registry';
import { completeSettings } from '../../train/recipe';
import { zip } from '../zip';
import program from './continue_pretraining.py?raw';
import { modelCard } from './modelCard';
import type { RunReport } from './report';

/**
 * Packs a run for PyTorch.
 *
 * @param weights the run's safetensors file, as `exportWeights` writes it
 * @throws RangeError where the run has several inputs
 */
export function handover(report: RunReport, weights: Uint8Array): Uint8Array<ArrayBuffer> {
  const { recipe } = report;
  if (recipe.input.kind === 'several') {
    throw new RangeError(
      'the PyTorch program of this project goes on training with one input, and this run has several; export its weights as safetensors or NumPy arrays instead',
    );
  }
  const { name, settings } = recipe.objective;
  // The program knows no defaults: all settings are written out.
  const complete = {
    ...recipe,
    objective: { name, settings: completeSettings(objectives[name]?.fields ?? [], settings) },
  };
  const text = (content: string) => new TextEncoder().encode(content);
  const json = (value: unknown) => text(`${JSON.stringify(value, null, 2)}\n`);
  return zip({
    'weights.safetensors': weights,
    'recipe.json': json(complete),
    'dataset.json': json(report.data),
    'MODEL_CARD.md': text(modelCard({ ...report, recipe: complete })),
    'continue_pretraining.py': text(program),
  });
}
