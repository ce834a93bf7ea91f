// How each of the forms in which a trained run can be kept is made.
import { describeRun } from './export';
import { type WeightForm, weightForms } from './forms';
import { handover } from './handover/handover';
import type { RunReport } from './handover/report';
import { encoderOnnx } from './onnx/encoder';
import type { LinearProbe } from './onnx/probe';
import { readSafetensors } from './safetensors';
import { tfjsWeights } from './tfjs';

/** A run as the page holds it when it has ended or is paused. */
export interface KeptRun {
  report: RunReport;
  /** Its safetensors file, as the worker exports it. */
  weights: Uint8Array<ArrayBuffer>;
  /** Makes a classifier, or a predictor, of formats that can hold one. */
  probe?: LinearProbe;
}

export interface WeightFormat extends WeightForm {
  make(run: KeptRun): Uint8Array<ArrayBuffer>;
}

const makers: Record<WeightForm['id'], WeightFormat['make']> = {
  safetensors: ({ weights }) => weights,
  pytorch: ({ report, weights }) => handover(report, weights),
  onnx: ({ report, weights, probe }) =>
    encoderOnnx({
      recipe: report.recipe,
      dataset: report.data,
      tensors: tensorsOf(weights),
      probe,
      metadata: describeRun(report.recipe, report.data, report.step),
    }),
  tfjs: ({ weights }) => tfjsWeights(tensorsOf(weights)),
};

export const weightFormats: WeightFormat[] = weightForms.map((form) => ({
  ...form,
  make: makers[form.id],
}));

function tensorsOf(weights: Uint8Array) {
  return readSafetensors(weights, 'the run’s weights').tensors;
}
