// Multispectral images: as images, with any number of bands, of which three at a time are shown as a colour composite.
import { paintScale } from './colour';
import type { Composite, DatasetDescription, Modality } from './modality';
import { checkChannels, decodeRaster, encodeRaster, gridInput, suggestGrid } from './raster';
import { channelQuantiles, channelStatistics } from './statistics';

/** Each band is shown between these quantiles of the training part, as remote sensing does. */
const STRETCH = [0.02, 0.98];

export const multispectral: Modality = {
  id: 'multispectral',
  title: 'Multispectral image',
  summary:
    'Pictures with many bands, such as satellite scenes; a token is a square patch of all bands.',

  suggest(dataset) {
    const [bands, height, width] = dataset.sampleShape as [number, number, number];
    return { input: suggestGrid(dataset, bands, height, width), maskRatio: 0.6, batchSize: 64 };
  },

  fit(dataset, indices, input) {
    checkChannels(dataset, input);
    const { channels } = gridInput(input);
    const ends = channelQuantiles(dataset, indices, channels, STRETCH);
    return {
      ...channelStatistics(dataset, indices, channels),
      extra: { low: ends.map((q) => q[0]!), high: ends.map((q) => q[1]!) },
    };
  },

  encode: encodeRaster,

  decode: decodeRaster,

  picture(example, normalisation, input, dataset, _probability, options) {
    const { channels, height, width } = gridInput(input);
    const values = decodeRaster(example, normalisation, input);
    const low = normalisation.extra!.low as number[];
    const high = normalisation.extra!.high as number[];
    const bands = options?.bands ?? composites(dataset)[0]!.bands;
    if (bands.some((band) => !Number.isInteger(band) || band < 0 || band >= channels)) {
      throw new Error(`bands ${bands.join(', ')}: there are ${channels} bands, counted from 0`);
    }
    const plane = height * width;
    const rgba = new Uint8ClampedArray(plane * 4);
    const brightness = (band: number, p: number) => {
      const span = high[band]! - low[band]! || 1;
      return (values[band * plane + p]! - low[band]!) / span;
    };
    const single = bands.every((band) => band === bands[0]);
    for (let p = 0; p < plane; p++) {
      if (single) {
        paintScale(rgba, p * 4, brightness(bands[0], p));
        continue;
      }
      for (let c = 0; c < 3; c++) rgba[p * 4 + c] = 255 * brightness(bands[c]!, p);
      rgba[p * 4 + 3] = 255;
    }
    return { kind: 'image', width, height, rgba };
  },

  composites,
};

/** Natural and false colour where the bands' names tell which they are, then every band alone. */
function composites(dataset: DatasetDescription): Composite[] {
  const count = dataset.sampleShape[0]!;
  const names = Array.from({ length: count }, (_, b) => dataset.features?.[b] ?? `band ${b + 1}`);
  const find = (pattern: RegExp) => names.findIndex((name) => pattern.test(name));
  const red = find(/\bred\b(?!.*edge)/i);
  const green = find(/\bgreen\b/i);
  const blue = find(/\bblue\b/i);
  const near = find(/\bnir\b|near.?infra/i);
  const choices: Composite[] = [];
  if (red >= 0 && green >= 0 && blue >= 0) {
    choices.push({ title: 'natural colour', bands: [red, green, blue] });
  }
  if (near >= 0 && red >= 0 && green >= 0) {
    choices.push({ title: 'false colour (near infra-red, red, green)', bands: [near, red, green] });
  }
  if (choices.length === 0 && count >= 3) {
    // Sensors usually number bands from the short wavelengths up.
    choices.push({ title: 'bands 3, 2, 1', bands: [2, 1, 0] });
  }
  names.forEach((name, b) => {
    choices.push({ title: name, bands: [b, b, b] });
  });
  return choices;
}
