// Our own ways: operations one by one on WebGPU or wasm, and the compiled step.
import type { HostTensors } from '../objectives/objective';
import { openBackend, webgpuDevice } from '../tensor/backend';
import { ops } from '../tensor/ops';
import { compiledEngine } from '../train/compiledEngine';
import { eagerEngine } from '../train/engine';
import { optimiserSchema } from '../train/recipe';
import { defineStep } from '../train/step';
import { serve } from './path';
import { LEARNING_RATE } from './works';

const fail = (reason: string) => {
  throw new Error(`the device failed: ${reason}`);
};

serve(async ({ path, work, objective, parameters }) => {
  const device = await openBackend(path === 'wasm' ? 'wasm' : 'webgpu', {
    lost: fail,
    error: fail,
  });
  const definition = defineStep(ops, { ...work, objective });
  const makeEngine =
    path === 'compiled'
      ? compiledEngine(webgpuDevice()!, {
          software: device.software,
          adapter: device.adapter,
          notice: fail,
        })
      : eagerEngine;
  const zeroes = () =>
    Object.fromEntries(
      Object.entries(parameters)
        .filter(([, { trainable }]) => trainable)
        .map(([name, { data }]) => [name, new Float32Array(data.length)]),
    );
  const engine = makeEngine(
    definition,
    optimiserSchema.parse({ learningRate: LEARNING_RATE, weightDecay: 0 }),
    {
      step: 0,
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([name, { data }]) => [name, data]),
      ),
      firstMoment: zeroes(),
      secondMoment: zeroes(),
    },
  );
  return {
    adapter: device.adapter,
    async step(inputs: HostTensors) {
      const { loss } = await engine.step(inputs, LEARNING_RATE);
      return loss;
    },
  };
});
