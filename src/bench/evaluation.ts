// What runs beside compiled steps: reconstructions and features compiled and not, calls in their order, the fallback, the tuning.
import * as tf from '@tensorflow/tfjs-core';
import { neighboursInSubgroup } from '../compile/subgroups';
import { tune, tunedVariants } from '../compile/tune';
import { gpuVariants } from '../compile/variants';
import { openBackend, webgpuDevice } from '../tensor/backend';
import { ops } from '../tensor/ops';
import { type CompiledEngineOptions, compiledEngine } from '../train/compiledEngine';
import { eagerEngine, freezeEagerly, initialState } from '../train/engine';
import { optimiserSchema } from '../train/recipe';
import { reconstruct } from '../train/reconstruct';
import { defineStep, drawNoise, type StepDefinition } from '../train/step';
import { inputsOf } from './run';
import { tinyWork as work } from './works';

export interface EvaluationCheck {
  /** Largest differences between what is compiled and what runs operation by operation. */
  reconstruction: number;
  features: number;
  /** How far a reconstruction that was asked for before a step is from the same asked for without one. */
  order: number;
  /** What the user would be told. */
  notices: string[];
  /** Relative difference of the losses of a step that cannot be compiled from those of the eager engine. */
  fallback: number;
  /** Classes that tuning chose a variant for, and the relative difference of a loss with these variants. */
  tuned: { classes: number; loss: number };
  /** Kernels of the plan, and how many of them have a time. */
  plan: { kernels: number; timed: number | undefined };
  /** How calls end that an engine is disposed of under: the one under way, one that waits behind it, one that comes after. */
  disposed: Record<'underWay' | 'waiting' | 'after', 'done' | 'refused'>;
  /** What the device complained of. */
  errors: string[];
}

const RATE = 1e-2;

export async function evaluation(): Promise<EvaluationCheck> {
  const errors: string[] = [];
  const hear = (message: string) => void errors.push(message);
  const { software } = await openBackend('webgpu', { lost: hear, error: hear });
  const device = webgpuDevice()!;
  const notices: string[] = [];
  const options: CompiledEngineOptions = { software, notice: (m) => void notices.push(m) };
  const optimiser = optimiserSchema.parse({ learningRate: RATE, clipNorm: 1 });
  const definition = defineStep(ops, { ...work, objective: 'metamae' });
  const make = (given = options, of: StepDefinition = definition) =>
    compiledEngine(device, given)(of, optimiser, initialState(of, 0));
  const inputs = (step: number) => inputsOf(definition, work, step);

  const engine = make();
  const { loss } = await engine.step(inputs(1), RATE);
  const examples = Float32Array.from({ length: work.batch * 32 }, (_, i) => Math.sin(i * 0.3));
  const noise = drawNoise(definition, 0, 9);
  const look = (repeated: boolean) =>
    reconstruct(engine, definition, examples, noise, { repeated });
  const [compiled, eager] = [await look(true), await look(false)];
  const of = (items: typeof compiled) => items.flatMap((r) => [...r.fromZ, ...r.fromZStar!]);
  const reconstruction = difference(of(compiled), of(eager));

  // Not awaited: the step comes while the function of another key is being compiled.
  const asked = engine.evaluate(
    (p) => Object.fromEntries(Object.entries(p).map(([name, t]) => [name, ops.mul(t, 1)])),
    {},
    'copy',
  );
  const [before] = await Promise.all([engine.state(), engine.step(inputs(2), RATE)]);
  const then = await asked;
  const order = Math.max(
    ...Object.entries(before.parameters).map(([name, t]) => difference(t, then[name]!)),
  );

  const plan = await engine.plan();
  const { parameters } = await engine.state();
  const host = Object.fromEntries(
    definition.names.map(({ name, shape }) => [
      name,
      { shape, dtype: 'float32' as const, data: parameters[name]! },
    ]),
  );
  const { batch } = inputs(3);
  const featuresOf = { batch: batch! };
  const frozen = [engine.freeze.bind(engine), freezeEagerly].map((freeze) =>
    freeze((p, { batch: rows }) => ({ z: definition.model.features(p, rows!) }), host),
  );
  const [a, b] = await Promise.all(frozen.map((f) => f.call(featuresOf)));
  const features = difference(a!.z!, b!.z!);
  for (const f of frozen) f.dispose();
  // Disposed of in the middle: what is under way still finds its buffers.
  const ending = (call: Promise<unknown>) =>
    call.then(
      () => 'done' as const,
      () => 'refused' as const,
    );
  const [first, second] = [look(true), engine.state()].map(ending);
  engine.dispose();
  const disposed = {
    underWay: await first!,
    waiting: await second!,
    after: await ending(look(true)),
  };
  await device.queue.onSubmittedWorkDone();

  const strange = withUnknownOperation(definition);
  const fallback = make(options, strange);
  const oracle = eagerEngine(strange, optimiser, initialState(strange, 0));
  let apart = 0;
  for (let step = 1; step <= 2; step++) {
    const [x, y] = [await fallback.step(inputs(step), RATE), await oracle.step(inputs(step), RATE)];
    apart = Math.max(apart, Math.abs(x.loss - y.loss) / Math.abs(y.loss));
  }
  fallback.dispose();
  oracle.dispose();

  const tuning = await tune(device, await neighboursInSubgroup(device), 3000);
  const tunedEngine = compiledEngine(device, {
    ...options,
    variants: tunedVariants(tuning, gpuVariants),
  })(definition, optimiser, initialState(definition, 0));
  const again = await tunedEngine.step(inputs(1), RATE);
  tunedEngine.dispose();
  return {
    reconstruction,
    features,
    order,
    notices,
    fallback: apart,
    tuned: {
      classes: Object.keys(tuning.products).length + Object.keys(tuning.rows).length,
      loss: Math.abs(again.loss - loss) / Math.abs(loss),
    },
    plan: { kernels: plan!.kernels.length, timed: plan!.times?.filter(Number.isFinite).length },
    disposed,
    errors,
  };
}

/** The same step, but for an operation that the compiler does not know. */
function withUnknownOperation(definition: StepDefinition): StepDefinition {
  const { objective } = definition;
  return {
    ...definition,
    objective: {
      ...objective,
      loss(context) {
        const losses = objective.loss(context);
        const [key] = Object.keys(losses.curves) as [string];
        const same = tf.reshape(tf.cumsum(tf.reshape(losses.curves[key]!, [1])), []);
        return { ...losses, curves: { ...losses.curves, [key]: same } };
      },
    },
  };
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i]! - b[i]!);
    if (!(off <= most)) most = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
  }
  return most;
}
