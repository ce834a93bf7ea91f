// Every form of a run can be made of what the page holds, and says the same of it.
import { unzipSync } from 'fflate';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { cases, prepare, reportOf, weightsOf } from './cases.testing';
import { weightFormats } from './formats';
import { importWeights } from './import';

env.wasm.numThreads = 1;

describe.each(cases)('$title', (given) => {
  const prepared = prepare(given);
  const run = { report: reportOf(prepared), weights: weightsOf(prepared) };
  const made = Object.fromEntries(weightFormats.map(({ id, make }) => [id, make(run)]));

  it('is kept as safetensors, PyTorch and TensorFlow.js', () => {
    const imported = importWeights(made.safetensors!, 'x.safetensors');
    expect(imported.recipe).toEqual(prepared.recipe);
    expect(imported.tensors).toHaveLength(prepared.tensors.length);
    expect(unzipSync(made.pytorch!)['weights.safetensors']).toEqual(made.safetensors);
    const manifest = unzipSync(made.tfjs!)['weights_manifest.json'];
    const [{ weights }] = JSON.parse(new TextDecoder().decode(manifest));
    expect(weights).toHaveLength(prepared.tensors.length);
  });

  it('is kept as ONNX that loads', async () => {
    const session = await InferenceSession.create(made.onnx!);
    expect(session.inputNames).toEqual(['input']);
    expect(session.outputNames).toEqual(['features']);
    await session.release();
  });
});

it('makes a classifier where there is a probe', async () => {
  const prepared = prepare(cases[1]!);
  const bytes = weightFormats
    .find(({ id }) => id === 'onnx')!
    .make({
      report: reportOf(prepared),
      weights: weightsOf(prepared),
      probe: {
        weight: new Float32Array(2 * prepared.recipe.model.encoder.width),
        bias: Float32Array.of(0, Math.log(3)),
        task: { kind: 'class', name: 'kind', classes: ['a', 'b'] },
      },
    });
  const session = await InferenceSession.create(bytes);
  const raw = new Tensor('float32', new Float32Array(4), [1, 4]);
  const { probabilities } = await session.run({ input: raw });
  expect(probabilities!.data[1]).toBeCloseTo(0.75, 6);
  await session.release();
});
