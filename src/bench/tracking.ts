// A compiled run beside an eager one: the same steps, the same losses, what each says of its parameters, and what a step asks
// of WebGPU.
import { openBackend, webgpuDevice } from '../tensor/backend';
import { ops } from '../tensor/ops';
import { compiledEngine } from '../train/compiledEngine';
import { type Engine, eagerEngine, initialState } from '../train/engine';
import { optimiserSchema } from '../train/recipe';
import { defineStep } from '../train/step';
import { type Counts, installMeter, readMeter } from './meter';
import { inputsOf } from './run';
import { LEARNING_RATE, works } from './works';

export interface Tracking {
  compiled: number[];
  eager: number[];
  /** Buffers and bytes of the compiled engine after a third of its steps and at the end. */
  bytes: [number, number];
  /** Largest difference between parameters as `state` and as `evaluate` give them. */
  evaluated: number;
  /** What the last compiled step asked of WebGPU. */
  asked: Counts;
}

/**
 * @param objective any of the objectives; the eager run is on wasm
 * @param options `batch`: examples a step; `half`: whether the compiled run's products round to 16-bit floats, as the adapter
 * has them or imitated
 */
export async function tracking(
  objective: string,
  steps: number,
  { batch = works[0]!.batch, half = false }: { batch?: number; half?: boolean } = {},
): Promise<Tracking> {
  installMeter();
  const work = { ...works[0]!, batch };
  const fail = (reason: string) => {
    throw new Error(reason);
  };
  const device = await openBackend('webgpu', { lost: fail, error: fail });
  const definition = defineStep(ops, { ...work, objective });
  const optimiser = optimiserSchema.parse({ learningRate: LEARNING_RATE, clipNorm: 1 });
  const gpu = webgpuDevice()!;
  const native = gpu.features.has('shader-f16');
  const make = compiledEngine(gpu, {
    ...{ software: device.software, notice: fail },
    ...(half && { half: native ? 'native' : 'imitated' }),
  });
  const run = async (engine: Engine, each?: (step: number) => void): Promise<number[]> => {
    const losses: number[] = [];
    for (let step = 1; step <= steps; step++) {
      const { loss } = await engine.step(inputsOf(definition, work, step), LEARNING_RATE);
      losses.push(loss);
      each?.(step);
    }
    return losses;
  };
  const engine = make(definition, optimiser, initialState(definition, 0));
  const bytes: [number, number] = [0, 0];
  const compiled = await run(engine, (step) => {
    if (step === Math.ceil(steps / 3)) bytes[0] = engine.memory().bytes;
    if (step === steps) bytes[1] = engine.memory().bytes;
    // What is read behind it is the last step's.
    if (step === steps - 1) readMeter();
  });
  const asked = readMeter();
  const { parameters } = await engine.state();
  const values = await engine.evaluate((tensors) =>
    Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, ops.mul(t, 1)])),
  );
  let evaluated = 0;
  for (const [name, expected] of Object.entries(parameters)) {
    expected.forEach((v, i) => {
      evaluated = Math.max(evaluated, Math.abs(values[name]![i]! - v));
    });
  }
  engine.dispose();
  await openBackend('wasm', { lost: fail, error: fail });
  const eager = await run(eagerEngine(definition, optimiser, initialState(definition, 0)));
  return { compiled, eager, bytes, evaluated, asked };
}
