// A Landsat 7 scene of six bands -> overlapping tiles of 32 x 32 pixels, without labels.
// Input: the file L7_ETMs.tif of the R package stars 0.6-0 (Debian: r-cran-stars).
import { readFileSync } from 'node:fs';
import { fromArrayBuffer } from 'geotiff';
import { inputPath, writeBuiltin } from './store.mjs';

const TILE = 32;
const STRIDE = 8;
/** Tiles wholly right of this column are the test part; those across it are left out. */
const BORDER = 272;

const path = inputPath('L7_ETMs.tif of the R package stars');
const file = readFileSync(path);
const tiff = await fromArrayBuffer(new Uint8Array(file).buffer);
const image = await tiff.getImage();
const height = image.getHeight();
const width = image.getWidth();
const bands = /** @type {Uint8Array[]} */ (/** @type {unknown} */ (await image.readRasters()));

/** @type {[number, number][]} */
const corners = [];
const split = [];
for (let top = 0; top + TILE <= height; top += STRIDE) {
  for (let left = 0; left + TILE <= width; left += STRIDE) {
    if (left < BORDER && left + TILE > BORDER) continue;
    corners.push([top, left]);
    split.push(left >= BORDER ? 2 : 0);
  }
}

writeBuiltin(
  {
    name: 'landsat',
    title: 'Landsat scene',
    modality: 'multispectral',
    description:
      'Tiles of a satellite scene around Olinda, Brazil, in six bands from blue to short-wave infra-red; no labels.',
    count: corners.length,
    sampleShape: [bands.length, TILE, TILE],
    features: [
      'blue (0.45-0.52 µm)',
      'green (0.52-0.60 µm)',
      'red (0.63-0.69 µm)',
      'near infra-red (0.77-0.90 µm)',
      'short-wave infra-red (1.55-1.75 µm)',
      'mid infra-red (2.08-2.35 µm)',
    ],
    labels: [],
    scene: { height, width, corners },
    notes: [
      `Tiles overlap: one begins every ${STRIDE} pixels. The test part is the eastern strip of the scene, which no training tile touches.`,
      'This set has no labels: it shows pretraining and reconstruction only.',
    ],
    origin: {
      source: 'builtin:landsat',
      licence:
        'Landsat scenes are in the public domain (USGS); packaged in stars 0.6-0 (Apache-2.0)',
      citation: 'Landsat 7 ETM+, courtesy of the U.S. Geological Survey',
      attribution:
        'R package stars, copyright 2016-2018 Edzer Pebesma, Michael Sumner, Etienne Racine, Adriano Fantini',
      changes: 'Cut into tiles; the coordinates left out.',
      url: 'https://search.r-project.org/CRAN/refmans/stars/html/L7_ETMs.html',
    },
  },
  [
    {
      section: { role: 'values', type: 'uint8', encoding: 'scene' },
      data: Buffer.concat(bands),
    },
    { section: { role: 'split', type: 'uint8' }, data: Uint8Array.from(split) },
  ],
);
