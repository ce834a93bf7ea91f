// The step's loss for any implementation of the operations: the rivals compute the same model, each with its own tensors.
import { AutoEncoder, type Parameters } from '../model/autoencoder';
import { objectives } from '../objectives/registry';
import type { Ops, Tensor } from '../tensor/ops';
import { completeSettings } from '../train/recipe';
import type { ObjectiveName, Work } from './works';

export function lossOf(
  ops: Ops,
  { input, architecture, batch, settings }: Work,
  name: ObjectiveName,
): (parameters: Parameters, inputs: Record<string, Tensor>) => Tensor {
  const objective = objectives[name]!;
  const model = new AutoEncoder(ops, input, architecture);
  const context = {
    input,
    batch,
    settings: completeSettings(objective.fields, settings),
    ops,
    model,
    training: true,
  };
  return (parameters, inputs) => objective.loss({ ...context, parameters, inputs }).total;
}
