// Images, grey or in colour: a token is a square patch of all channels.
import type { Modality } from './modality';
import { checkChannels, decodeRaster, encodeRaster, gridInput, suggestGrid } from './raster';
import { channelQuantiles, channelStatistics } from './statistics';

export const image: Modality = {
  id: 'image',
  title: 'Image',
  summary: 'Pictures in grey or colour, all of one size; a token is a square patch.',

  suggest(dataset) {
    const [channels, height, width] = dataset.sampleShape as [number, number, number];
    return {
      input: suggestGrid(dataset, channels, height, width),
      maskRatio: 0.75,
      batchSize: 64,
    };
  },

  fit(dataset, indices, input) {
    checkChannels(dataset, input);
    const { channels } = gridInput(input);
    const statistics = channelStatistics(dataset, indices, channels);
    return { ...statistics, extra: { ...brightnessRange(dataset, indices, channels) } };
  },

  encode: encodeRaster,

  decode: decodeRaster,

  picture(example, normalisation, input) {
    const { channels, height, width } = gridInput(input);
    const values = decodeRaster(example, normalisation, input);
    const black = normalisation.extra!.black as number;
    const white = normalisation.extra!.white as number;
    const plane = height * width;
    const rgba = new Uint8ClampedArray(plane * 4);
    for (let p = 0; p < plane; p++) {
      for (let c = 0; c < 3; c++) {
        // Grey pictures, with transparency or without, show their one channel as all three colours.
        const value = values[(channels < 3 ? 0 : c) * plane + p]!;
        rgba[p * 4 + c] = (255 * (value - black)) / (white - black);
      }
      rgba[p * 4 + 3] = 255;
    }
    return { kind: 'image', width, height, rgba };
  },
};

/** Values shown as black and white: of bytes 0 and 255, of fractions 0 and 1, else the extremes but for a few outliers. */
function brightnessRange(
  dataset: Parameters<Modality['fit']>[0],
  indices: ArrayLike<number>,
  channels: number,
): { black: number; white: number } {
  if (dataset.values instanceof Uint8Array) return { black: 0, white: 255 };
  const ends = channelQuantiles(dataset, indices, channels, [0, 0.001, 0.999, 1]);
  const lowest = Math.min(...ends.map((q) => q[0]!));
  const highest = Math.max(...ends.map((q) => q[3]!));
  if (lowest >= 0 && highest <= 1) return { black: 0, white: 1 };
  const black = Math.min(...ends.map((q) => q[1]!));
  const white = Math.max(...ends.map((q) => q[2]!));
  return { black, white: white > black ? white : black + 1 };
}
