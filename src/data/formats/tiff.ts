// TIFF and GeoTIFF of any number of bands through geotiff: a file or a page an example, or one scene cut into tiles.

import { cutTiles, guessTileSize } from '../array/tiles';
import type { Choice, Choices } from '../choices';
import { DataError, type Dataset } from '../dataset';
import { append } from '../lists';
import {
  damagedChoice,
  describeFiles,
  fileChoices,
  fileFields,
  readEach,
  sampleOf,
} from '../media/files';
import {
  type Bands,
  bandNames,
  countPages,
  firstImage,
  MOST_VALUES,
  openTiff,
  pagesOf,
  type Raster,
  readRaster,
  resized,
  sizeOf,
} from '../media/tiff';
import { type Reading, report } from '../reading';
import { plural } from '../table/features';
import type { Format, Input, Member } from './format';

/** Files from which each is rather an example than a scene, and the side up to which it is. */
const MANY_FILES = 8;
const LARGEST_EXAMPLE = 256;
const MANY_PAGES = 8;
/** Tiles that a preview is made of, along a side. */
const PREVIEW_TILES = 4;

interface TiffChoices extends Choices {
  example: 'files' | 'pages' | 'tiles';
  modality: 'image' | 'multispectral';
  width: number;
  height: number;
  tile: number;
  stride: number;
  damaged: 'leave out' | 'stop';
}

export const tiff: Format = {
  id: 'tiff',
  title: 'TIFF, GeoTIFF',
  extensions: ['tif', 'tiff', 'gtiff'],

  detect({ bytes }) {
    const mark = String.fromCharCode(...bytes.subarray(0, 4));
    return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(mark)
      ? { score: 1, reason: 'its first bytes are those of a TIFF picture' }
      : undefined;
  },

  async propose(input, given, reading) {
    const sample = sampleOf(input.members);
    const { items } = await readEach(sample, 'leave out', reading, async ({ source }) => {
      const image = await firstImage(source);
      return { ...sizeOf(image), pages: await countPages(source) };
    });
    const described = await describeFiles(input, reading);
    const example =
      (given.example as TiffChoices['example'] | undefined) ?? guessExample(items, input);
    const [first] = items;
    return {
      summary: `${plural(input.members.length, 'file')} of ${first!.width} x ${first!.height} pixels, ${plural(first!.bands, 'band')}${first!.pages > 1 ? `, ${first!.pages} pages` : ''}`,
      choices: [
        ...exampleChoices(items, input, example),
        ...(example === 'tiles' ? [] : [damagedChoice]),
        ...fileChoices(described),
      ],
      sampled:
        example === 'files'
          ? sample.length / input.members.length
          : sampledShare(items, example, given),
    };
  },

  async read(input, choices, reading, isSample = false): Promise<Dataset> {
    const settled = choices as TiffChoices;
    const read = { files: readFiles, pages: readPages, tiles: readTiles }[settled.example];
    const parts = await read(input, settled, reading, isSample);
    const described = await describeFiles(input, reading);
    const { rows, features, warnings, ...rest } = parts;
    const fields = fileFields(input, described, choices, rows);
    const isCut = rows.length > new Set(rows).size && input.members.length > 1;
    return {
      ...rest,
      name: input.name,
      modality: settled.modality,
      features,
      ...fields,
      groups: fields.groups ?? (isCut ? { name: 'file', values: rows } : undefined),
      origin: { source: input.name },
      warnings: [...described.annotation.warnings, ...warnings],
    };
  },
};

interface Parts {
  count: number;
  sampleShape: number[];
  values: Bands;
  features: string[];
  /** Member of each example. */
  rows: Int32Array;
  warnings: string[];
}

type Facts = Pick<Raster, 'width' | 'height' | 'bands'> & { pages: number };

function guessExample(items: Facts[], input: Input): TiffChoices['example'] {
  const largest = Math.max(...items.map(({ width, height }) => Math.max(width, height)));
  if (input.members.length >= MANY_FILES && largest <= LARGEST_EXAMPLE) return 'files';
  return items[0]!.pages >= MANY_PAGES ? 'pages' : 'tiles';
}

function exampleChoices(items: Facts[], input: Input, example: TiffChoices['example']): Choice[] {
  const [first] = items;
  const guessed = guessExample(items, input);
  const integer = (key: string, label: string, help: string, value: number): Choice => ({
    key,
    label,
    help,
    kind: 'integer',
    minimum: 1,
    maximum: 4096,
    value,
    unit: 'pixels',
  });
  const isPicture = first!.bands === 1 || first!.bands === 3;
  const tile = guessTileSize(first!.height, first!.width);
  return [
    {
      key: 'example',
      label: 'An example is',
      help: 'A whole file, a page of a file, or a square tile cut out of a large scene.',
      reason: {
        files: `there are ${input.members.length} small files`,
        pages: `a file has ${first!.pages} pages`,
        tiles: `the picture is large (${first!.width} x ${first!.height})`,
      }[guessed],
      kind: 'option',
      options: [
        { value: 'files', label: 'A file' },
        { value: 'pages', label: 'A page' },
        { value: 'tiles', label: 'A tile' },
      ],
      value: guessed,
    },
    {
      key: 'modality',
      label: 'Kind of data',
      help: 'A picture in grey or colour, or bands of a sensor.',
      reason: plural(first!.bands, 'band'),
      kind: 'option',
      options: [
        { value: 'image', label: 'Picture' },
        { value: 'multispectral', label: 'Bands' },
      ],
      value: isPicture ? 'image' : 'multispectral',
    },
    ...(example === 'tiles'
      ? [
          integer('tile', 'Tile', 'Side of a tile.', tile),
          integer(
            'stride',
            'Stride',
            'Pixels from one tile to the next; less than a tile makes them overlap.',
            tile,
          ),
        ]
      : [
          integer(
            'width',
            'Width',
            'Pixels of an example; others are reduced or enlarged.',
            Math.min(LARGEST_EXAMPLE, first!.width),
          ),
          integer(
            'height',
            'Height',
            'Pixels of an example; others are reduced or enlarged.',
            Math.min(LARGEST_EXAMPLE, first!.height),
          ),
        ]),
  ];
}

/** Share of the examples that a preview covers, where it reads a part of one file. */
function sampledShare([first]: Facts[], example: TiffChoices['example'], given: Choices): number {
  if (example === 'pages') return Math.min(1, PREVIEW_TILES ** 2 / first!.pages);
  const tile = (given.tile as number | undefined) ?? guessTileSize(first!.height, first!.width);
  const side = PREVIEW_TILES * tile;
  return Math.min(
    1,
    (Math.min(side, first!.width) / first!.width) * (Math.min(side, first!.height) / first!.height),
  );
}

/** An example a file. */
async function readFiles(
  input: Input,
  choices: TiffChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Parts> {
  const members = isSample ? sampleOf(input.members) : input.members;
  const { items, kept, warnings } = await readEach(
    members,
    choices.damaged,
    reading,
    async (member) => {
      const image = await firstImage(member.source);
      return resized(await readRaster(member.source, image), choices);
    },
  );
  const indexOf = new Map(input.members.map((member, i) => [member, i]));
  const rows = kept.map((i) => indexOf.get(members[i]!)!);
  const names = await bandNames(await firstImage(members[kept[0]!]!.source));
  return { ...joined(input, items, rows), features: names, rows, warnings };
}

/** An example a page. */
async function readPages(
  input: Input,
  choices: TiffChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Parts> {
  const items: Raster[] = [];
  const rows: number[] = [];
  for (const [m, { source }] of input.members.entries()) {
    const pages = await pagesOf(await openTiff(source), isSample ? PREVIEW_TILES ** 2 : undefined);
    for (const page of pages) {
      items.push(resized(await readRaster(source, page), choices));
      rows.push(m);
      report(
        reading,
        (m + items.length / pages.length) / input.members.length,
        `reading ${source.path}`,
      );
    }
    if (isSample) break;
  }
  const index = Int32Array.from(rows);
  const names = await bandNames(await firstImage(input.members[0]!.source));
  return { ...joined(input, items, index), features: names, rows: index, warnings: [] };
}

/** Tiles out of every file. */
async function readTiles(
  input: Input,
  choices: TiffChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Parts> {
  const { tile, stride } = choices;
  const members: Member[] = isSample ? input.members.slice(0, 1) : input.members;
  const items: { tiles: Bands; count: number; bands: number }[] = [];
  const rows: number[] = [];
  let left = 0;
  for (const [m, { source }] of members.entries()) {
    report(reading, m / members.length, `reading ${source.path}`);
    const image = await firstImage(source);
    const { width, height } = sizeOf(image);
    const side = PREVIEW_TILES * tile;
    const raster = await readRaster(
      source,
      image,
      isSample ? [0, 0, Math.min(width, side), Math.min(height, side)] : undefined,
    );
    const cut = cutTiles(
      raster.values,
      [raster.bands, raster.height, raster.width],
      tile,
      stride,
      Number.isNaN,
    );
    if (raster.width < tile || raster.height < tile) left++;
    items.push({ tiles: cut.values, count: cut.count, bands: raster.bands });
    append(rows, new Array<number>(cut.count).fill(m));
  }
  const [first] = items;
  const odd = items.findIndex(({ bands }) => bands !== first!.bands);
  if (odd >= 0 || rows.length === 0) {
    const { path } = members[Math.max(0, odd)]!.source;
    throw odd >= 0
      ? new DataError(
          path,
          `has ${items[odd]!.bands} bands, the first file has ${first!.bands}`,
          'Bring pictures of the same sensor.',
        )
      : new DataError(path, `gives no tile of ${tile} x ${tile} pixels`, 'Choose smaller tiles.');
  }
  const isUniform = items.every(({ tiles }) => tiles.constructor === first!.tiles.constructor);
  const Type = (isUniform ? first!.tiles.constructor : Float32Array) as new (
    length: number,
  ) => Bands;
  const values = new Type(items.reduce((sum, { tiles }) => sum + tiles.length, 0));
  let at = 0;
  for (const { tiles } of items) {
    values.set(tiles as never, at);
    at += tiles.length;
  }
  return {
    count: rows.length,
    sampleShape: [first!.bands, tile, tile],
    values,
    features: await bandNames(await firstImage(members[0]!.source)),
    rows: Int32Array.from(rows),
    warnings:
      left > 0
        ? [`${plural(left, 'file')} smaller than a tile of ${tile} pixels give nothing.`]
        : [],
  };
}

/** Pictures of one size and number of bands as the values of a data set. */
function joined(
  input: Input,
  items: Raster[],
  rows: Int32Array,
): Pick<Parts, 'count' | 'sampleShape' | 'values'> {
  const [first] = items;
  const odd = items.findIndex(({ bands }) => bands !== first!.bands);
  if (odd >= 0) {
    throw new DataError(
      input.members[rows[odd]!]!.source.path,
      `has ${items[odd]!.bands} bands, the first picture has ${first!.bands}`,
      'Bring pictures of the same sensor.',
    );
  }
  const size = first!.values.length;
  if (items.length * size > MOST_VALUES) {
    throw new DataError(
      input.name,
      `makes ${items.length} pictures of ${size} values, more than a page can hold`,
      'Choose a smaller size or bring fewer.',
    );
  }
  const isUniform = items.every(({ values }) => values.constructor === first!.values.constructor);
  const Type = (isUniform ? first!.values.constructor : Float32Array) as new (
    length: number,
  ) => Bands;
  const values = new Type(items.length * size);
  items.forEach((item, i) => {
    values.set(item.values as never, i * size);
  });
  return { count: items.length, sampleShape: [first!.bands, first!.height, first!.width], values };
}
