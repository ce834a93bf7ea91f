import { expect, test } from 'vitest';
import { multispectral } from './multispectral';
import { allOf, datasetOf } from './testing';

/** Four bands of 2 x 2 pixels; band b of example i is 10 b + i everywhere. */
const dataset = datasetOf(
  'multispectral',
  [4, 2, 2],
  Float32Array.from(
    { length: 101 * 16 },
    (_, k) => 10 * (Math.floor(k / 4) % 4) + Math.floor(k / 16),
  ),
  { features: ['green', 'red', 'near infra-red (1)', 'near infra-red (2)'] },
);
const { input } = multispectral.suggest(dataset);
const normalisation = multispectral.fit(dataset, allOf(dataset), input);

function draw(index: number, bands?: [number, number, number]) {
  const example = new Float32Array(16);
  multispectral.encode(dataset, index, normalisation, input, example, 0);
  const picture = multispectral.picture(
    example,
    normalisation,
    input,
    dataset,
    undefined,
    bands && { bands },
  );
  if (picture.kind !== 'image') throw new Error('not an image');
  return Array.from(picture.rgba.slice(0, 4));
}

test('composites are chosen by the names of the bands, then band by band', () => {
  expect(multispectral.composites!(dataset)).toEqual([
    { title: 'false colour (near infra-red, red, green)', bands: [2, 1, 0] },
    { title: 'green', bands: [0, 0, 0] },
    { title: 'red', bands: [1, 1, 1] },
    { title: 'near infra-red (1)', bands: [2, 2, 2] },
    { title: 'near infra-red (2)', bands: [3, 3, 3] },
  ]);
  const landsat = {
    ...dataset,
    sampleShape: [3, 2, 2],
    features: ['blue (0.48 µm)', 'green', 'red'],
  };
  expect(multispectral.composites!(landsat)[0]).toEqual({
    title: 'natural colour',
    bands: [2, 1, 0],
  });
  const nameless = { ...dataset, features: undefined };
  expect(multispectral.composites!(nameless)[0]).toEqual({
    title: 'bands 3, 2, 1',
    bands: [2, 1, 0],
  });
});

test('bands are stretched between their 2 % and 98 % quantiles', () => {
  expect(normalisation.extra).toMatchObject({ low: [2, 12, 22, 32], high: [98, 108, 118, 128] });
  expect(draw(50)).toEqual([128, 128, 128, 255]);
  expect(draw(0)).toEqual([0, 0, 0, 255]);
  expect(draw(100)).toEqual([255, 255, 255, 255]);
});

test('a single band is drawn on a colour scale', () => {
  expect(draw(0, [3, 3, 3])).toEqual([68, 1, 84, 255]);
  expect(draw(100, [3, 3, 3])).toEqual([253, 231, 37, 255]);
});

test('bands that are not there are refused', () => {
  expect(() => draw(0, [0, 1, 4])).toThrow(/there are 4 bands/);
});
