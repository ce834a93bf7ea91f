// The forms in which a trained run can be kept, a line each.
import { describeRun } from './export';
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

export interface WeightFormat {
  id: string;
  title: string;
  /** One sentence: what it holds and who reads it. */
  help: string;
  /** Ending of the file name. */
  ending: string;
  make(run: KeptRun): Uint8Array<ArrayBuffer>;
}

export const weightFormats: WeightFormat[] = [
  {
    id: 'safetensors',
    title: 'safetensors',
    help: 'All weights under the reference implementation’s names, with the recipe; this page reads it back.',
    ending: '.safetensors',
    make: ({ weights }) => weights,
  },
  {
    id: 'pytorch',
    title: 'PyTorch',
    help: 'Weights, recipe, model card and a program that goes on training on many GPUs.',
    ending: '-pytorch.zip',
    make: ({ report, weights }) => handover(report, weights),
  },
  {
    id: 'onnx',
    title: 'ONNX',
    help: 'The encoder from raw values to features, and to classes where a probe was trained; runs in any ONNX runtime.',
    ending: '.onnx',
    make: ({ report, weights, probe }) =>
      encoderOnnx({
        recipe: report.recipe,
        dataset: report.data,
        tensors: tensorsOf(weights),
        probe,
        metadata: describeRun(report.recipe, report.data, report.step),
      }),
  },
  {
    id: 'tfjs',
    title: 'TensorFlow.js',
    help: 'All weights as a manifest with binary shards, for tf.io.loadWeights.',
    ending: '-tfjs.zip',
    make: ({ weights }) => tfjsWeights(tensorsOf(weights)),
  },
];

function tensorsOf(weights: Uint8Array) {
  return readSafetensors(weights, 'the run’s weights').tensors;
}
