// The parameters of a model under an objective: the encoder, the decoder where it takes part, the objective's own.
import type { InputSpec } from '../modality/inputSpec';
import type { Architecture } from '../train/recipe';
import { autoencoderNames, encoderNames, type ParameterName } from '../weights/names';
import type { Objective } from './objective';

export function parameterNames(
  objective: Objective,
  input: InputSpec,
  architecture: Architecture,
): ParameterName[] {
  const shared = objective.decodes ? autoencoderNames : encoderNames;
  return [...shared(input, architecture), ...objective.parameters(input, architecture)];
}
