// The forms in which a trained run can be kept, a line each; how they are made is another matter (formats.ts), which the page
// need not load to name them.

export interface WeightForm {
  id: 'safetensors' | 'pytorch' | 'onnx' | 'tfjs';
  title: string;
  /** One sentence: what it holds and who reads it. */
  help: string;
  /** Ending of the file name. */
  ending: string;
}

export const weightForms: WeightForm[] = [
  {
    id: 'safetensors',
    title: 'safetensors',
    help: 'All weights under the reference implementation’s names, with the recipe; this page reads it back.',
    ending: '.safetensors',
  },
  {
    id: 'pytorch',
    title: 'PyTorch',
    help: 'Weights, recipe, model card and a program that goes on training on many GPUs.',
    ending: '-pytorch.zip',
  },
  {
    id: 'onnx',
    title: 'ONNX',
    help: 'The encoder from raw values to features, and to classes where a probe was trained; runs in any ONNX runtime.',
    ending: '.onnx',
  },
  {
    id: 'tfjs',
    title: 'TensorFlow.js',
    help: 'All weights as a manifest with binary shards, for tf.io.loadWeights.',
    ending: '-tfjs.zip',
  },
];
