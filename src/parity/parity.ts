// Compares this implementation with numbers that the reference implementation recorded, quantity by quantity.
import { tokenCount } from '../modality/inputSpec';
import { nearbyMask, planMask, supportMask } from '../model/masking';
import { positionTable } from '../model/positions';
import { batchTokens } from '../model/tokens';
import { viewOf } from '../objectives/masked';
import { lossFromLatent } from '../objectives/metamae';
import type { HostTensors, Settings } from '../objectives/objective';
import { dispose, readAndDispose, scope, upload, type Values } from '../tensor/memory';
import { ops, type Tensor, valueAndGradient } from '../tensor/ops';
import { type EngineState, eagerEngine, initialState, type MakeEngine } from '../train/engine';
import type { Optimiser } from '../train/recipe';
import { defineStep, gradientStep, hostInputs, losses, type StepDefinition } from '../train/step';
import { architectureOf, type Fixture, type FixtureTensor, inputOf } from './fixture';

/** One compared quantity. */
export interface Comparison {
  quantity: string;
  /** In the measure that `tolerance` is given in. */
  error: number;
  tolerance: number;
  ok: boolean;
  /** How the error is measured. */
  measure: string;
}

/** Tolerances for float32, from reference/parity/README.md ("tolerances to expect"). */
const TOLERANCE = {
  loss: 1e-5,
  activation: 1e-5,
  innerGradient: 2e-5,
  projection: 2e-5,
  latentGradient: 5e-5,
  gradientsTogether: 3e-5,
  gradient: 3e-4,
  maeGradient: 3e-5,
  statistics: 1e-5,
  /** Absolute change of a parameter after AdamW, for 99.9 % of them. */
  update: 1e-6,
  /** The same for the rest. */
  largestUpdate: 3e-5,
};
/** Share of the elements that may lie between the two. */
const LOOSE_UPDATES = 1e-3;
/** A gradient this much smaller than the largest is zero but for rounding, and has no digits to compare. */
const UNMEASURABLE = 1e-6;
/** A first-step gradient below this moves its parameter by an arbitrary fraction of the learning rate. */
const UNDECIDED_GRADIENT = 1e-6;

/** A file of the right form whose parts do not fit each other. */
export class FixtureError extends Error {
  override readonly name = 'FixtureError';
}

type Numbers = ArrayLike<number>;

function largest(values: Numbers): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/** Largest difference; NaN or a wrong length is infinitely far. */
function largestDifference(got: Numbers, expected: Numbers): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    most = Math.max(most, difference);
  }
  return most;
}

class Report {
  readonly lines: Comparison[] = [];

  private add(quantity: string, error: number, tolerance: number, measure: string): void {
    this.lines.push({ quantity, error, tolerance, ok: error <= tolerance, measure });
  }

  exact(quantity: string, got: Numbers, expected: FixtureTensor | undefined): void {
    if (expected) this.add(quantity, largestDifference(got, expected.data), 0, 'max|Δ|');
  }

  scalar(quantity: string, got: number, expected: number | undefined, tolerance: number): void {
    if (expected === undefined) return;
    const error = Math.abs(got - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
    this.add(
      quantity,
      Number.isNaN(error) ? Number.POSITIVE_INFINITY : error,
      tolerance,
      'relative',
    );
  }

  /** Largest difference over the largest element of the reference. */
  tensor(
    quantity: string,
    got: Numbers,
    expected: FixtureTensor | undefined,
    tolerance: number,
  ): void {
    if (!expected) return;
    const scale = largest(expected.data);
    const difference = largestDifference(got, expected.data);
    this.add(quantity, scale > 0 ? difference / scale : difference, tolerance, 'max|Δ|/max|ref|');
  }

  /** Gradients: each tensor by itself, then all as one vector. */
  gradients(
    prefix: string,
    got: Record<string, Values>,
    expected: Record<string, FixtureTensor>,
    zero: readonly string[],
    tolerance: number,
  ): void {
    let difference = 0;
    let norm = 0;
    const scale = Math.max(...Object.values(expected).map(({ data }) => largest(data)));
    for (const [name, reference] of Object.entries(expected)) {
      const values = got[name];
      if (!values) {
        this.add(`${prefix} ${name}`, Number.POSITIVE_INFINITY, tolerance, 'missing');
        continue;
      }
      const noise = largest(reference.data) < scale * UNMEASURABLE;
      if (!noise && !zero.includes(name))
        this.tensor(`${prefix} ${name}`, values, reference, tolerance);
      for (let i = 0; i < reference.data.length; i++) {
        difference += (values[i]! - reference.data[i]!) ** 2;
        norm += reference.data[i]! ** 2;
      }
    }
    const error = Math.sqrt(difference / norm);
    this.add(
      `${prefix} all parameters together`,
      Number.isNaN(error) ? Number.POSITIVE_INFINITY : error,
      TOLERANCE.gradientsTogether,
      'relative L2',
    );
  }

  /** Parameters after AdamW steps, all elements together; those without a decided first direction are left out. */
  updates(
    quantity: string,
    got: Record<string, Values>,
    expected: Record<string, FixtureTensor>,
    firstGradient: Record<string, FixtureTensor>,
  ): void {
    const differences: number[] = [];
    for (const [name, gradient] of Object.entries(firstGradient)) {
      const reference = expected[name];
      if (!reference) continue;
      reference.data.forEach((value, i) => {
        if (Math.abs(gradient.data[i]!) < UNDECIDED_GRADIENT) return;
        const difference = Math.abs(got[name]![i]! - value);
        differences.push(Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      });
    }
    differences.sort((a, b) => a - b);
    const bulk = differences[Math.floor((differences.length - 1) * (1 - LOOSE_UPDATES))]!;
    this.add(`${quantity}, 99.9 % of elements`, bulk, TOLERANCE.update, 'max|Δ|');
    this.add(`${quantity}, every element`, differences.at(-1)!, TOLERANCE.largestUpdate, 'max|Δ|');
  }
}

interface Subject {
  definition: StepDefinition;
  state: EngineState;
  inputs: HostTensors;
  means: Means;
}

const OPTIMISER: Optimiser = {
  learningRate: 1e-4,
  weightDecay: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 0,
  schedule: 'constant',
  clipNorm: 0,
};

/** The fixture's model, weights and noise, for one objective. */
function subjectOf(
  fixture: Fixture,
  means: Means,
  objective: 'metamae' | 'mae',
  firstOrder = false,
): Subject {
  const { config, noise } = fixture;
  const settings: Settings =
    objective === 'mae'
      ? { maskRatio: config.mask_ratio }
      : {
          maskRatio: config.mask_ratio,
          innerLearningRate: config.inner_lr,
          supportRatio: config.s_ratio,
          contrastiveWeight: config.reg_weight,
          firstOrder,
        };
  const definition = defineStep(ops, {
    objective,
    settings,
    input: inputOf(fixture),
    architecture: architectureOf(fixture),
    batch: config.batch,
  });
  const state = initialState(definition, 0);
  const weights = new Map(fixture.state_dict.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape } of definition.names) {
    const given = weights.get(name);
    if (!given) throw new FixtureError(`state_dict lacks ${name}`);
    if (given.shape.join() !== shape.join()) {
      throw new FixtureError(`${name} is [${given.shape}], the configuration makes it [${shape}]`);
    }
    state.parameters[name] = Float32Array.from(given.data);
  }
  const inputs = hostInputs(definition, inputValues(fixture), {
    mask: Float32Array.from(noise.mask.data),
    support: Float32Array.from(noise.support.data),
  });
  return { definition, state, inputs, means };
}

function inputValues({ input }: Fixture): Float32Array | Int32Array {
  return input.dtype === 'int' ? Int32Array.from(input.data) : Float32Array.from(input.data);
}

/** A function of the model's parameters and a step's inputs. */
export type ModelFunction = (
  parameters: Record<string, Tensor>,
  inputs: Record<string, Tensor>,
) => Record<string, Tensor>;

/** What computes: functions of the model, and whole steps. */
export interface Means {
  compute(
    f: ModelFunction,
    parameters: HostTensors,
    inputs: HostTensors,
  ): Promise<Record<string, Values>>;
  makeEngine: MakeEngine;
}

/** Operations one by one, on the backend in use. */
const eagerMeans: Means = {
  async compute(f, parameters, inputs) {
    const uploaded = [parameters, inputs].map((tensors) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, { data, shape }]) => [name, upload(data, shape)]),
      ),
    ) as [Record<string, Tensor>, Record<string, Tensor>];
    const results = scope(() => f(...uploaded));
    const entries = await Promise.all(
      Object.entries(results).map(async ([name, t]) => [name, await readAndDispose(t)] as const),
    );
    uploaded.forEach(dispose);
    return Object.fromEntries(entries);
  },
  makeEngine: eagerEngine,
};

/** Values of `f` on the subject's parameters and inputs. */
function compute(
  { definition, state, inputs, means }: Subject,
  f: ModelFunction,
): Promise<Record<string, Values>> {
  const parameters = Object.fromEntries(
    definition.names.map(({ name, shape }) => [
      name,
      { shape, dtype: 'float32' as const, data: state.parameters[name]! },
    ]),
  );
  return means.compute(f, parameters, inputs);
}

/** Drops each example's class-token row: `[N·(L+1), W] -> [N, L, W]`. */
function tokenRows(values: Values, rows: number, width: number): Values {
  const examples = values.length / (rows * width);
  const kept = new Float32Array(examples * (rows - 1) * width);
  for (let n = 0; n < examples; n++) {
    kept.set(
      values.subarray((n * rows + 1) * width, (n + 1) * rows * width),
      n * (rows - 1) * width,
    );
  }
  return kept;
}

/** Predictions in the reference's layout: `[N, L, out]`, or for symbols `[N, V, L]`. */
function referenceLayout(values: Values, fixture: Fixture, definition: StepDefinition): Values {
  const { rows, input } = definition.model;
  const examples = fixture.config.batch;
  const width = values.length / (examples * rows);
  const tokens = tokenRows(values, rows, width);
  if (input.kind !== 'tokens') return tokens;
  const transposed = new Float32Array(tokens.length);
  const length = rows - 1;
  for (let n = 0; n < examples; n++) {
    for (let l = 0; l < length; l++) {
      for (let v = 0; v < width; v++) {
        transposed[(n * width + v) * length + l] = tokens[(n * length + l) * width + v]!;
      }
    }
  }
  return transposed;
}

/** The position tables that we make against those in the file; theirs are used for everything else. */
function comparePositions(report: Report, fixture: Fixture): void {
  const architecture = architectureOf(fixture);
  const tables = { pos_embed: architecture.encoder, decoder_pos_embed: architecture.decoder };
  for (const [name, { width }] of Object.entries(tables)) {
    const recorded = fixture.state_dict.find((tensor) => tensor.name === name);
    report.tensor(name, positionTable(inputOf(fixture), width), recorded, TOLERANCE.activation);
  }
}

function compareMasks(report: Report, fixture: Fixture, subject: Subject): void {
  const { forward, noise, config } = fixture;
  if (!forward) return;
  const { input } = subject.definition.model;
  const tokens = tokenCount(input);
  const plan = planMask(Float32Array.from(noise.mask.data), tokens, config.mask_ratio);
  const support = Float32Array.from(noise.support.data);
  report.exact('mask', plan.mask, forward.mask);
  report.exact('ids_restore', plan.idsRestore, forward.ids_restore);
  report.exact('nearby_mask', nearbyMask(plan.mask, input), forward.nearby_mask);
  report.exact(
    'mask_support',
    supportMask(plan.mask, support, config.s_ratio, input),
    forward.mask_support,
  );
  const batch = batchTokens(inputValues(fixture), input);
  const width = batch.shape[1] ?? 1;
  const target = tokenRows(batch.data, tokens + 1, width);
  report.exact('target', target, forward.target && float32(forward.target));
}

const float32 = (t: FixtureTensor): FixtureTensor => ({ ...t, data: t.data.map(Math.fround) });

async function compareForward(report: Report, fixture: Fixture, subject: Subject): Promise<void> {
  const { forward } = fixture;
  if (!forward) return;
  const { definition } = subject;
  const got = await compute(subject, (parameters, inputs) => {
    const result = losses(definition, parameters, inputs, { training: true, inspect: true });
    const { latent } = result.tensors as { latent: Tensor };
    const context = {
      ...definition.context,
      ops,
      model: definition.model,
      parameters,
      inputs,
      training: true,
    };
    const ofLatent = valueAndGradient((z) => lossFromLatent(z, context).total, latent);
    return {
      ...result.tensors,
      ...result.curves,
      ...result.buffers,
      total: result.total,
      latentGradient: ofLatent.gradient,
    };
  });
  const values = (name: string): Values => got[name]!;
  const first = (name: string): number => values(name)[0]!;
  const { activation, loss, projection, statistics } = TOLERANCE;
  report.tensor('latent', values('latent'), forward.latent, activation);
  report.scalar('inner_loss', first('inner'), forward.inner_loss, loss);
  report.tensor('latent_adapted', values('adapted'), forward.latent_adapted, activation);
  report.tensor(
    'pred_before',
    referenceLayout(values('predictionZ'), fixture, definition),
    forward.pred_before,
    activation,
  );
  report.tensor(
    'pred_after',
    referenceLayout(values('predictionZStar'), fixture, definition),
    forward.pred_after,
    activation,
  );
  report.scalar('recon_loss', first('reconstruction'), forward.recon_loss, loss);
  report.tensor('pooled_before', values('pooled'), forward.pooled_before, activation);
  report.tensor('pooled_after', values('pooledAdapted'), forward.pooled_after, activation);
  report.tensor('z1', values('z1'), forward.z1, projection);
  report.tensor('z2', values('z2'), forward.z2, projection);
  report.tensor('similarity_logits', values('similarities'), forward.similarity_logits, projection);
  report.scalar('contrastive_loss', first('contrastive'), forward.contrastive_loss, loss);
  report.scalar('total_loss', first('total'), forward.total_loss, loss);
  report.tensor(
    'dtotal_dlatent',
    values('latentGradient'),
    forward.dtotal_dlatent,
    TOLERANCE.latentGradient,
  );
  report.tensor(
    'running_mean_after_forward',
    values('projector.1.running_mean'),
    forward.running_mean_after_forward,
    statistics,
  );
  report.tensor(
    'running_var_after_forward',
    values('projector.1.running_var'),
    forward.running_var_after_forward,
    statistics,
  );
  report.scalar(
    'num_batches_tracked_after_forward',
    first('projector.1.num_batches_tracked'),
    forward.num_batches_tracked_after_forward,
    0,
  );
}

/** The inner gradient itself, not a difference of latents, which would lose digits. */
async function compareInnerGradient(
  report: Report,
  fixture: Fixture,
  subject: Subject,
): Promise<void> {
  const expected = fixture.forward?.inner_grad;
  if (!expected) return;
  const { definition } = subject;
  const { innerGradient } = await compute(subject, (parameters, inputs) => {
    const { latent } = losses(definition, parameters, inputs, { training: true, inspect: true })
      .tensors as { latent: Tensor };
    const view = viewOf(inputs);
    const support = (z: Tensor) =>
      definition.model.reconstructionLoss(
        definition.model.decode(parameters, z, view),
        inputs.batch!,
        inputs.supportWeight!,
      );
    return { innerGradient: valueAndGradient(support, latent).gradient };
  });
  report.tensor('inner_grad', innerGradient!, expected, TOLERANCE.innerGradient);
}

const gradientsOf = (subject: Subject) =>
  compute(subject, (parameters, inputs) => {
    const { gradients, loss } = gradientStep(subject.definition, parameters, inputs);
    return { ...gradients, loss };
  });

/** The gradients of the first-order mode: those that differ are recorded, the others by name. */
function firstOrderReference({ grads_first_order: first, grads_second_order: second }: Fixture) {
  if (!first) return undefined;
  const same = (first.same_as_second_order ?? []).flatMap((name) =>
    second?.[name] ? [[name, second[name]] as const] : [],
  );
  return { ...first.tensors, ...Object.fromEntries(same) };
}

async function compareGradients(report: Report, fixture: Fixture, means: Means): Promise<void> {
  const zero = fixture.float64?.mathematically_zero_gradient_tensors ?? {};
  if (fixture.grads_second_order) {
    const got = await gradientsOf(subjectOf(fixture, means, 'metamae'));
    report.gradients(
      'second-order gradient',
      got,
      fixture.grads_second_order,
      zero.second_order ?? [],
      TOLERANCE.gradient,
    );
  }
  const firstOrder = firstOrderReference(fixture);
  if (firstOrder) {
    const got = await gradientsOf(subjectOf(fixture, means, 'metamae', true));
    report.gradients(
      'first-order gradient',
      got,
      firstOrder,
      zero.first_order ?? [],
      TOLERANCE.gradient,
    );
  }
}

async function compareAdamW(report: Report, fixture: Fixture, means: Means): Promise<void> {
  const { adamw } = fixture;
  if (!adamw) return;
  const firstOrder = adamw.mode === 'first_order';
  const gradients = firstOrder ? firstOrderReference(fixture) : fixture.grads_second_order;
  const { definition, state, inputs } = subjectOf(fixture, means, 'metamae', firstOrder);
  const optimiser: Optimiser = {
    ...OPTIMISER,
    learningRate: adamw.lr,
    weightDecay: adamw.weight_decay,
    beta1: adamw.betas[0],
    beta2: adamw.betas[1],
    epsilon: adamw.eps,
  };
  const engine = means.makeEngine(definition, optimiser, state);
  try {
    for (let step = 1; step <= 3; step++) {
      const { loss } = await engine.step(inputs, adamw.lr);
      report.scalar(`loss at step ${step}`, loss, adamw.losses?.[step - 1], TOLERANCE.loss);
      const expected = step === 1 ? adamw.after_1 : step === 3 ? adamw.after_3 : undefined;
      if (!expected) continue;
      const { parameters } = await engine.state();
      const quantity = `parameters after ${step} AdamW step${step > 1 ? 's' : ''}`;
      report.updates(quantity, parameters, expected, gradients ?? {});
      for (const statistic of ['running_mean', 'running_var']) {
        const name = `projector.1.${statistic}`;
        report.tensor(
          `${name} after ${step}`,
          parameters[name]!,
          expected[name],
          TOLERANCE.statistics,
        );
      }
    }
  } finally {
    engine.dispose();
  }
}

async function compareMae(report: Report, fixture: Fixture, means: Means): Promise<void> {
  const { mae } = fixture;
  if (!mae) return;
  const subject = subjectOf(fixture, means, 'mae');
  const { definition } = subject;
  const forward = await compute(subject, (parameters, inputs) => {
    const { total, tensors } = losses(definition, parameters, inputs, {
      training: true,
      inspect: true,
    });
    return { total, prediction: tensors!.predictionZ! };
  });
  report.scalar('MAE total_loss', forward.total![0]!, mae.total_loss, TOLERANCE.loss);
  report.tensor(
    'MAE pred',
    referenceLayout(forward.prediction!, fixture, definition),
    mae.pred,
    TOLERANCE.activation,
  );
  if (mae.grads) {
    const zero = fixture.float64?.mathematically_zero_gradient_tensors?.mae ?? [];
    const got = await gradientsOf(subject);
    report.gradients('MAE gradient', got, mae.grads, zero, TOLERANCE.maeGradient);
  }
}

async function compareFeatures(report: Report, fixture: Fixture, means: Means): Promise<void> {
  if (!fixture.features_global_pool && !fixture.features_tokenize) return;
  const subject = subjectOf(fixture, means, 'mae');
  const { model } = subject.definition;
  const { tokens, pooled } = await compute(subject, (parameters, inputs) => {
    const features = model.features(parameters, inputs.batch!);
    return { tokens: features, pooled: model.pool(features, model.rows) };
  });
  report.tensor(
    'features_global_pool',
    pooled!,
    fixture.features_global_pool,
    TOLERANCE.activation,
  );
  const width = model.architecture.encoder.width;
  report.tensor(
    'features_tokenize',
    tokenRows(tokens!, model.rows, width),
    fixture.features_tokenize,
    TOLERANCE.activation,
  );
}

/** Every quantity that `fixture` records, on the backend in use. */
export async function compareWithReference(
  fixture: Fixture,
  means: Means = eagerMeans,
): Promise<Comparison[]> {
  const report = new Report();
  const subject = subjectOf(fixture, means, 'metamae');
  comparePositions(report, fixture);
  compareMasks(report, fixture, subject);
  await compareForward(report, fixture, subject);
  await compareInnerGradient(report, fixture, subject);
  await compareGradients(report, fixture, means);
  await compareAdamW(report, fixture, means);
  await compareMae(report, fixture, means);
  await compareFeatures(report, fixture, means);
  if (report.lines.every(({ quantity }) => quantity.endsWith('pos_embed')))
    throw new FixtureError('records nothing to compare');
  return report.lines;
}
