// Wafer maps: pictures of states (outside, passed, failed...); a token is a square patch of one-hot values.
//
// One-hot and not one grey channel: states are names, without an order or a distance, and the mean squared error of one-hot
// values is the Brier score of their probabilities. With the usual three states it also has the three channels of the reference.
import { DataError, type Dataset } from '../data/dataset';
import { rgbOf, stateColour } from './colour';
import type { InputSpec } from './inputSpec';
import type { DatasetDescription, Modality } from './modality';
import { type GridInput, gridInput } from './raster';

const MOST_STATES = 8;
/** Patches along a side to aim at; maps with fewer than two cells for each keep their cells as tokens. */
const PATCHES = 7;

export const waferMap: Modality = {
  id: 'wafer-map',
  title: 'Wafer map',
  summary:
    'Maps of dies that passed or failed, or any picture of a few states; a token is a square patch.',

  suggest(dataset) {
    const [height, width] = mapSize(dataset);
    if (height * width < 2) {
      throw new DataError(
        dataset.origin.source,
        `each map is ${height} x ${width}`,
        'Masking needs 2 cells at least.',
      );
    }
    const patch = Math.max(1, Math.round(Math.sqrt(height * width) / PATCHES));
    // Padded to whole patches.
    const up = (size: number) => Math.ceil(size / patch) * patch;
    return {
      input: {
        kind: 'grid',
        channels: stateCount(dataset),
        height: up(height),
        width: up(width),
        patch,
      },
      maskRatio: 0.75,
      batchSize: 64,
    };
  },

  /** Each state has its own mean and all share one deviation, so that the states keep their distances. */
  fit(dataset, indices, input) {
    const { channels } = check(dataset, input);
    const values = new Array<number>(channels).fill(0);
    const size = dataset.sampleShape.reduce((product, extent) => product * extent, 1);
    for (let i = 0; i < indices.length; i++) {
      const start = indices[i]! * size;
      for (let p = 0; p < size; p++) values[dataset.values[start + p]!]! += 1;
    }
    const cells = Math.max(1, indices.length * size);
    const mean = values.map((n) => n / cells);
    // The variance of a one-hot value is p (1 - p); one scale for all is the root of their mean.
    const variance = mean.reduce((sum, p) => sum + p * (1 - p), 0) / channels;
    const deviation = variance > 0 ? Math.sqrt(variance) : 1;
    return { mean, deviation: mean.map(() => deviation) };
  },

  encode(dataset, index, normalisation, input, out, offset) {
    const { channels, height, width } = check(dataset, input);
    const place = placing(mapSize(dataset), height, width);
    const [rawHeight, rawWidth] = mapSize(dataset);
    const start = index * rawHeight * rawWidth;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = place(y, x);
        const state = source < 0 ? 0 : dataset.values[start + source]!;
        for (let c = 0; c < channels; c++) {
          out[offset + (c * height + y) * width + x] =
            ((c === state ? 1 : 0) - normalisation.mean[c]!) / normalisation.deviation[c]!;
        }
      }
    }
  },

  /** The most likely state of each cell. */
  decode(example, normalisation, input) {
    const { channels, height, width } = gridInput(input);
    const plane = height * width;
    return Int32Array.from({ length: plane }, (_, p) => {
      let best = 0;
      let highest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < channels; c++) {
        const value =
          example[c * plane + p]! * normalisation.deviation[c]! + normalisation.mean[c]!;
        if (value > highest) {
          highest = value;
          best = c;
        }
      }
      return best;
    });
  },

  picture(example, normalisation, input, dataset) {
    const { channels, height, width } = gridInput(input);
    const states = waferMap.decode(example, normalisation, input, dataset);
    const colours = Array.from({ length: channels }, (_, id) => rgbOf(stateColour(id)));
    const rgba = new Uint8ClampedArray(height * width * 4);
    states.forEach((state, p) => {
      rgba.set([...colours[state]!, 255], p * 4);
    });
    return {
      kind: 'image',
      width,
      height,
      rgba,
      legend: colours.map((_, id) => ({
        name: dataset.alphabet?.[id] ?? `state ${id}`,
        colour: stateColour(id),
      })),
    };
  },
};

/** Maps may come as `[H, W]` or `[1, H, W]`. */
export function mapSize(dataset: Pick<DatasetDescription, 'sampleShape'>): [number, number] {
  const [height, width] = dataset.sampleShape.slice(-2);
  return [height!, width!];
}

/**
 * Where a cell of the input comes from: the map, enlarged by a whole number, in the middle of state 0; a map that is larger
 * than the input is reduced to its nearest cells. Returns -1 for cells outside the map.
 */
export function placing([rawHeight, rawWidth]: [number, number], height: number, width: number) {
  const enlarge = Math.floor(Math.min(height / rawHeight, width / rawWidth));
  if (enlarge < 1) {
    return (y: number, x: number) =>
      Math.floor(((y + 0.5) * rawHeight) / height) * rawWidth +
      Math.floor(((x + 0.5) * rawWidth) / width);
  }
  const top = (height - rawHeight * enlarge) >> 1;
  const left = (width - rawWidth * enlarge) >> 1;
  return (y: number, x: number) => {
    const row = Math.floor((y - top) / enlarge);
    const column = Math.floor((x - left) / enlarge);
    const inside = row >= 0 && row < rawHeight && column >= 0 && column < rawWidth;
    return inside ? row * rawWidth + column : -1;
  };
}

/** @throws DataError where the values are no state ids */
function stateCount(dataset: Dataset): number {
  let highest = 0;
  for (let i = 0; i < dataset.values.length; i++) {
    const value = dataset.values[i]!;
    if (!Number.isInteger(value) || value < 0 || value >= MOST_STATES) {
      throw new DataError(
        dataset.origin.source,
        `a map holds ${value}, which is no state`,
        `States are whole numbers from 0 to ${MOST_STATES - 1}; read pictures with shades as images.`,
      );
    }
    if (value > highest) highest = value;
  }
  return Math.max(2, highest + 1, dataset.alphabet?.length ?? 0);
}

function check(dataset: Dataset, input: InputSpec): GridInput {
  const grid = gridInput(input);
  const states = dataset.alphabet?.length ?? 0;
  if (states > grid.channels) {
    throw new DataError(
      dataset.origin.source,
      `the maps have ${states} states, the recipe's input ${grid.channels}`,
      'Choose a recipe made for this data set.',
    );
  }
  return grid;
}
