// Many compiled steps in a row: what lies on the device must stay what it was after the first few.
import { openBackend, webgpuDevice } from '../tensor/backend';
import { ops } from '../tensor/ops';
import { compiledEngine } from '../train/compiledEngine';
import { initialState } from '../train/engine';
import { optimiserSchema } from '../train/recipe';
import { reconstruct } from '../train/reconstruct';
import { defineStep, drawNoise } from '../train/step';
import { installMeter, readMeter } from './meter';
import { inputsOf } from './run';
import { tinyWork } from './works';

export interface Endurance {
  /** Bytes of all buffers on the device after the first steps and pictures, and after the last. */
  bytes: [number, number];
  /** Buffers made between the two. */
  buffers: number;
  /** Loss of the first step and of the last. */
  losses: [number, number];
}

/** Steps after which everything that is made once has been made. */
const SETTLED = 10;
const PICTURES_EVERY = 100;
const RATE = 1e-3;

export async function endurance(steps: number): Promise<Endurance> {
  installMeter();
  const fail = (reason: string) => {
    throw new Error(reason);
  };
  const { software } = await openBackend('webgpu', { lost: fail, error: fail });
  const definition = defineStep(ops, { ...tinyWork, objective: 'metamae' });
  const optimiser = optimiserSchema.parse({ learningRate: RATE, clipNorm: 1 });
  const make = compiledEngine(webgpuDevice()!, { software, notice: fail });
  const engine = make(definition, optimiser, initialState(definition, 0));
  const pictures = () => {
    const examples = Float32Array.from({ length: tinyWork.batch * 32 }, (_, i) => Math.sin(i));
    const noise = drawNoise(definition, 0, 0);
    return reconstruct(engine, definition, examples, noise, { repeated: true });
  };
  const losses: number[] = [];
  let early = 0;
  for (let step = 1; step <= steps; step++) {
    losses.push((await engine.step(inputsOf(definition, tinyWork, step), RATE)).loss);
    if (step === SETTLED || step % PICTURES_EVERY === 0) await pictures();
    if (step === SETTLED) early = readMeter().deviceBytes;
  }
  const { deviceBytes, buffers } = readMeter();
  engine.dispose();
  return { bytes: [early, deviceBytes], buffers, losses: [losses[0]!, losses.at(-1)!] };
}
