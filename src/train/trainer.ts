// A pretraining run: a recipe and a data set in, a row of metrics a step out. It knows no worker and no page.
import type { Dataset } from '../data/dataset';
import { generator, uniforms } from '../model/random';
import { ops } from '../tensor/ops';
import { learningRateAt } from './adamw';
import {
  type Engine,
  type EngineState,
  eagerEngine,
  initialState,
  type MakeEngine,
} from './engine';
import { Examples } from './examples';
import {
  type Adaptation,
  type AdaptationGrid,
  adaptationCurves,
  type Importance,
  importance,
  maskProblem,
  type ProbeSettings,
  probe,
} from './probe';
import { type Recipe, totalSteps } from './recipe';
import { type Reconstruction, reconstruct } from './reconstruct';
import { drawNoise, hostInputs, type StepDefinition, stepOfRecipe } from './step';
import { type Walk, walk } from './walk';

/** One optimiser step; losses are named by the objective's curves. */
export interface MetricsRow {
  /** From 1. */
  step: number;
  loss: number;
  curves: Record<string, number>;
  /** Euclidean norm over all parameters, before clipping. */
  gradientNorm: number;
  learningRate: number;
}

export interface ProbeRequest extends Partial<ProbeSettings> {
  /** Example of the data set. */
  index: number;
  /** `[L]`, 1 is masked; neither all nor none. */
  mask: Uint8Array;
  /** Asks for the loss over these inner steps and rates. */
  adaptation?: AdaptationGrid;
  /** Asks which visible tokens matter for this masked one. */
  target?: number;
}

export interface ProbeResult {
  reconstruction: Reconstruction;
  adaptation?: Adaptation;
  importance?: Importance;
}

/** A run cannot be made from this recipe and data set, or cannot go on; `remedy` says what to change. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

export class Trainer {
  private constructor(
    /** As it runs: batch size lowered to the data set, normalisation filled in. */
    readonly recipe: Recipe,
    readonly examples: Examples,
    readonly definition: StepDefinition,
    readonly engine: Engine,
    private nextStep: number,
  ) {}

  /**
   * @param state where to go on; the seeded initial state without it
   * @param makeEngine what runs the steps
   * @throws TrainingError where recipe and data set do not fit
   */
  static create(
    recipe: Recipe,
    dataset: Dataset,
    state?: EngineState,
    makeEngine: MakeEngine = eagerEngine,
  ): Trainer {
    let examples: Examples;
    try {
      examples = new Examples(dataset, recipe);
    } catch (error) {
      throw new TrainingError(
        (error as Error).message,
        'Choose another data set, split, or input in the recipe.',
      );
    }
    const batchSize = Math.min(recipe.batchSize, examples.split.train.length);
    const actual: Recipe = {
      ...recipe,
      batchSize,
      data: { ...recipe.data, normalisation: examples.normalisation },
    };
    const definition = stepOfRecipe(ops, actual);
    const fault = definition.objective.fault?.(definition.context);
    if (fault) throw new TrainingError(fault, 'Change it in the recipe.');
    const start = state ?? initialState(definition, actual.seed);
    const engine = makeEngine(definition, actual.optimiser, start);
    return new Trainer(actual, examples, definition, engine, start.step + 1);
  }

  /** Steps of the whole run: none where the objective trains nothing. */
  get totalSteps(): number {
    return totalSteps(this.recipe);
  }

  /** Steps enqueued so far. */
  get steps(): number {
    return this.nextStep - 1;
  }

  /** Number of trained values. */
  get parameterCount(): number {
    return this.definition.names
      .filter((n) => n.trainable)
      .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /** Enqueues the next step; settles when its losses are back. Depends on nothing but recipe, data set and step number. */
  step(): Promise<MetricsRow> {
    const step = this.nextStep++;
    const { recipe, definition } = this;
    const { batch, noise, learningRate } = this.draw(step);
    const inputs = hostInputs(definition, batch, noise, { seed: recipe.seed, step });
    return this.engine.step(inputs, learningRate).then((readout) => ({
      step,
      ...readout,
      learningRate,
    }));
  }

  /**
   * What the next step would do, stage by stage; nothing is changed by it. After the last step, one more of its learning rate.
   *
   * @throws TrainingError where the objective trains nothing
   */
  walk(): Promise<Walk> {
    const { engine, definition, recipe } = this;
    if (!definition.objective.trains) {
      throw new TrainingError(
        `${definition.objective.title} takes no steps`,
        'Choose an objective that trains.',
      );
    }
    const step = this.nextStep;
    const { indices, batch, noise, learningRate } = this.draw(step);
    const seeds = { seed: recipe.seed, step };
    return walk(engine, definition, batch, indices, noise, learningRate, seeds);
  }

  /** Everything that step `step` is made of but its parameters. */
  private draw(step: number) {
    const { recipe, definition } = this;
    const indices = this.examples.batch(step, recipe.batchSize);
    return {
      indices,
      batch: this.examples.encode(indices),
      noise: drawNoise(definition, recipe.seed, step),
      learningRate: learningRateAt(recipe.optimiser, Math.min(step, recipe.steps), recipe.steps),
    };
  }

  /** Reconstructs examples of the data set, each under the same mask every time it is asked for. */
  async reconstruct(indices: number[]): Promise<(Reconstruction & { index: number })[]> {
    if (indices.length === 0) return [];
    const noises = Object.entries(this.definition.objective.noise(this.definition.context));
    const noise = Object.fromEntries(
      noises.map(([name, length]) => {
        const values = new Float32Array(indices.length * length);
        indices.forEach((index, i) => {
          const random = generator(this.recipe.seed, `probe/${name}`, index);
          values.set(uniforms(random, length), i * length);
        });
        return [name, values];
      }),
    );
    const examples = this.examples.encode(indices);
    const items = await reconstruct(this.engine, this.definition, examples, noise, {
      repeated: true,
    });
    return items.map((item, i) => ({ index: indices[i]!, ...item }));
  }

  /**
   * Looks at one example under a mask drawn by hand.
   *
   * @throws TrainingError where the mask hides all or nothing, or the objective masks no tokens
   */
  async probe({ index, mask, adaptation, target, ...given }: ProbeRequest): Promise<ProbeResult> {
    const problem = maskProblem(mask);
    if (problem) throw new TrainingError('the mask cannot be probed', problem);
    const { engine, definition, recipe } = this;
    const { settings } = definition.context;
    if (settings.maskRatio === undefined) {
      throw new TrainingError(
        `${definition.objective.title} predicts no masked tokens`,
        'Train with MAE or MetaMAE to probe masks.',
      );
    }
    const chosen = {
      innerLearningRate: given.innerLearningRate ?? Number(settings.innerLearningRate ?? 0),
      innerSteps: given.innerSteps ?? Number(settings.innerSteps ?? 1),
    };
    const example = this.examples.encode([index]);
    const support = uniforms(generator(recipe.seed, 'probe/support', index), mask.length);
    const parts = [engine, definition, example, mask, support] as const;
    const reconstruction = await probe(...parts, chosen);
    const curves =
      adaptation && (await adaptationCurves(...parts, chosen.innerLearningRate, adaptation));
    return {
      reconstruction,
      ...(curves && { adaptation: curves }),
      ...(target !== undefined && { importance: await importance(...parts, target, chosen) }),
    };
  }

  dispose(): void {
    this.engine.dispose();
  }
}

/** True where every number that the step reported is finite. */
export function isFiniteRow(row: MetricsRow): boolean {
  return [row.loss, row.gradientNorm, ...Object.values(row.curves)].every(Number.isFinite);
}
