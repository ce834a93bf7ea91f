// The examples of a run: split, normalised by statistics of the training split alone, handed out in seeded order.
import type { Dataset } from '../data/dataset';
import { type Split, splitDataset } from '../data/split';
import { emptyExamples, exampleSize, type InputSpec } from '../modality/inputSpec';
import type { Modality, Normalisation } from '../modality/modality';
import { modalities } from '../modality/registry';
import { generator, permutation } from '../model/random';
import type { Recipe } from './recipe';

/** Encoded examples are kept up to this many bytes; beyond it they are encoded anew each time. */
const CACHE_BYTES = 256 * 2 ** 20;

type ExampleValues = Float32Array | Int32Array;

export class Examples {
  readonly split: Split;
  readonly normalisation: Normalisation;
  private readonly modality: Modality;
  private readonly size: number;
  private readonly cache: ExampleValues | undefined;
  private readonly cached: Uint8Array;
  private readonly input: InputSpec;
  private readonly seed: number;
  private order: { epoch: number; indices: Int32Array } | undefined;

  /** @throws Error where the training split is empty or the modality unknown */
  constructor(
    readonly dataset: Dataset,
    private readonly recipe: Pick<Recipe, 'data' | 'input' | 'seed'>,
  ) {
    this.input = recipe.input;
    this.seed = recipe.seed;
    this.modality = modalities[dataset.modality];
    const { label, split } = recipe.data;
    this.split = splitDataset(dataset, { ...split, ...(label !== undefined && { label }) });
    if (this.split.train.length < 2) {
      throw new Error(
        `${dataset.name} leaves ${this.split.train.length} examples for training; at least 2 are needed`,
      );
    }
    this.normalisation =
      recipe.data.normalisation ?? this.modality.fit(dataset, this.split.train, this.input);
    this.size = exampleSize(this.input);
    this.cached = new Uint8Array(dataset.count);
    if (dataset.count * this.size * 4 <= CACHE_BYTES) {
      this.cache = this.allocate(dataset.count);
    }
  }

  /** The same examples with other values: split and statistics stay. */
  withDataset(dataset: Dataset): Examples {
    const { normalisation, recipe } = this;
    return new Examples(dataset, { ...recipe, data: { ...recipe.data, normalisation } });
  }

  /** Validation, then test examples; those of training where nothing is held out. */
  heldOut(): Int32Array {
    const { validation, test, train } = this.split;
    if (validation.length + test.length === 0) return train;
    const indices = new Int32Array(validation.length + test.length);
    indices.set(validation);
    indices.set(test, validation.length);
    return indices;
  }

  /** Model input of the given examples, end to end. */
  encode(indices: ArrayLike<number>): ExampleValues {
    const batch = this.allocate(indices.length);
    for (let i = 0; i < indices.length; i++) this.encodeInto(batch, indices[i]!, i * this.size);
    return batch;
  }

  /**
   * Indices of the batch of step `step` (from 1): a stretch of an endless row of epochs, each a new order of the training
   * examples. Every batch is full; none is dropped.
   */
  batch(step: number, batchSize: number): Int32Array {
    const { train } = this.split;
    const first = (step - 1) * batchSize;
    return Int32Array.from({ length: batchSize }, (_, i) => {
      const place = first + i;
      const epoch = Math.floor(place / train.length);
      return train[this.epoch(epoch)[place % train.length]!]!;
    });
  }

  private epoch(epoch: number): Int32Array {
    if (this.order?.epoch !== epoch) {
      const random = generator(this.seed, 'order', epoch);
      this.order = { epoch, indices: permutation(random, this.split.train.length) };
    }
    return this.order.indices;
  }

  private allocate(count: number): ExampleValues {
    return emptyExamples(this.input, count);
  }

  private encodeInto(out: ExampleValues, index: number, offset: number): void {
    const { cache, size } = this;
    const write = (to: ExampleValues, at: number) =>
      this.modality.encode(this.dataset, index, this.normalisation, this.input, to, at);
    if (!cache) {
      write(out, offset);
      return;
    }
    if (!this.cached[index]) {
      write(cache, index * size);
      this.cached[index] = 1;
    }
    out.set(cache.subarray(index * size, (index + 1) * size), offset);
  }
}
