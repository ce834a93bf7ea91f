// A linear probe as the layer that it is, on features as the encoder gives them: a classifier or predictor to take away.
import type { Label } from '../data/dataset';
import { tokenCount } from '../modality/inputSpec';
import type { Examples } from '../train/examples';
import type { LinearProbe } from '../weights/onnx/probe';
import { extractFeatures, type FrozenModel } from './features';
import { fitLogistic, type LinearModel } from './logistic';
import { type PrincipalDesign, principalDesign } from './principal';
import { fastProbe, labelsOf, pool, USUAL_PENALTY } from './probe';
import { ridge } from './ridge';
import { labelledRows, partsOf } from './rows';

/**
 * Fits the default probe (see `fastProbe`) and gives its weights.
 *
 * @throws DataError where the label does not fit, or no example that may be learned from has it
 */
export async function linearProbe(
  model: FrozenModel,
  examples: Examples,
  label: Label,
  seed: number,
): Promise<LinearProbe> {
  const { architecture, context } = model.definition;
  const { width } = architecture.encoder;
  const { parts: examplesByPart } = partsOf(examples.split);
  const tokens = tokenCount(context.input);
  const { source, parts, target } = labelledRows(
    examples.dataset,
    label,
    examplesByPart,
    tokens,
    seed,
  );
  const features = await extractFeatures(model, examples, source);
  const rows = pool(parts);
  const design = principalDesign(features, width, rows);
  const penalty = fastProbe(design, target, parts, seed).chosen ?? USUAL_PENALTY;
  const fitted =
    target.task === 'regression'
      ? ridge(design, rows, target.values)(penalty)
      : fitLogistic(design, rows, labelsOf(target), penalty).model;
  const layer = onFeatures(fitted, design);
  const isOneOfTwo = label.kind === 'class' && layer.bias.length === 1;
  const { weight, bias } = isOneOfTwo ? againstZero(layer) : layer;
  return {
    weight,
    bias,
    ...(label.perToken && { perToken: true }),
    task:
      label.kind === 'number'
        ? { kind: 'number', name: label.name, ...(label.unit && { unit: label.unit }) }
        : { kind: label.kind, name: label.name, classes: label.classes },
  };
}

/** A model of principal axes as one of the features themselves. */
function onFeatures(
  { weights, bias }: LinearModel,
  { width, mean, scale, vectors }: PrincipalDesign,
): Pick<LinearProbe, 'weight' | 'bias'> {
  const outputs = bias.length;
  const weight = new Float32Array(outputs * width);
  const shifted = Float32Array.from(bias);
  for (let k = 0; k < outputs; k++) {
    let shift = bias[k]!;
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let axis = 0; axis < width; axis++) {
        sum += weights[k * width + axis]! * vectors[axis * width + j]!;
      }
      weight[k * width + j] = sum * scale[j]!;
      shift -= sum * scale[j]! * mean[j]!;
    }
    shifted[k] = shift;
  }
  return { weight, bias: shifted };
}

/** One output's logit as those of two classes, the first always 0: their softmax is its sigmoid. */
function againstZero({ weight, bias }: Pick<LinearProbe, 'weight' | 'bias'>) {
  const both = new Float32Array(2 * weight.length);
  both.set(weight, weight.length);
  return { weight: both, bias: Float32Array.of(0, bias[0]!) };
}
