// A small synthetic data set and recipe for tests of runs.
import type { Dataset } from '../data/dataset';
import { generator, normals } from '../model/random';
import { type Recipe, recipeSchema } from './recipe';

/** Two channels of noisy sine waves of two frequencies. */
export function waves(count: number): Dataset {
  const [channels, length] = [2, 24];
  const noise = normals(generator(1, 'waves'), count * channels * length);
  const values = noise.map((z, i) => {
    const step = i % length;
    const example = Math.floor(i / (channels * length));
    return Math.sin(((1 + (example % 2)) * step) / 2 + (example % 5)) * 3 + z * 0.3 + 5;
  });
  return {
    name: 'waves',
    modality: 'time-series',
    count,
    sampleShape: [channels, length],
    values,
    labels: [],
    origin: { source: 'waves.csv', synthetic: true },
    warnings: [],
  };
}

export function recipe(change: Partial<Recipe> = {}): Recipe {
  return recipeSchema.parse({
    version: 1,
    data: { source: 'waves.csv', modality: 'time-series' },
    input: { kind: 'series', channels: 2, length: 24, patch: 3 },
    model: {
      encoder: { width: 16, layers: 1, heads: 2 },
      decoder: { width: 8, layers: 1, heads: 2 },
    },
    objective: { name: 'metamae', settings: { maskRatio: 0.5 } },
    optimiser: { learningRate: 5e-3 },
    batchSize: 16,
    steps: 600,
    seed: 3,
    ...change,
  });
}
