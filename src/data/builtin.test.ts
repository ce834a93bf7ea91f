// Every built-in data set: loads, keeps its word, and stays small enough to be served with the page.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { emptyExamples } from '../modality/inputSpec';
import { modalities } from '../modality/registry';
import { builtinCatalogue, type FetchBytes, loadBuiltin, type Manifest } from './builtin';
import { DataError, type Dataset, TEST, TRAIN } from './dataset';

const folder = new URL('../../public/data/', import.meta.url);
const fromFolder: FetchBytes = async (path) =>
  new Uint8Array(readFileSync(new URL(path.replace(/^data\//, ''), folder)));
const load = (name: string) => loadBuiltin(name, fromFolder);

const loaded = new Map<string, Promise<Dataset>>();
function once(name: string): Promise<Dataset> {
  const known = loaded.get(name) ?? load(name);
  loaded.set(name, known);
  return known;
}

test('all of public/data is below 6 MB', () => {
  const sizes = readdirSync(folder).map((file) => statSync(new URL(file, folder)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6e6);
});

test('the catalogue says what the manifests say', () => {
  const manifests = readdirSync(folder).filter((file) => file.endsWith('.json'));
  expect(builtinCatalogue.map((entry) => `${entry.name}.json`).sort()).toEqual(manifests.sort());
  for (const entry of builtinCatalogue) {
    const manifest = JSON.parse(
      readFileSync(new URL(`${entry.name}.json`, folder), 'utf8'),
    ) as Manifest;
    expect(manifest).toMatchObject(entry);
  }
});

describe.each(builtinCatalogue)('$name', ({ name, modality, count, origin }) => {
  test('states its origin and ships its licence', () => {
    expect(origin.source).toBe(`builtin:${name}`);
    expect(origin.licence).toBeTruthy();
    expect(origin.citation).toBeTruthy();
    expect(readFileSync(new URL(`${name}.licence.txt`, folder), 'utf8').length).toBeGreaterThan(
      100,
    );
  });

  test('loads with shapes, labels and split that fit each other', async () => {
    const dataset = await once(name);
    expect(dataset.modality).toBe(modality);
    expect(dataset.count).toBe(count);
    for (const { sampleShape, values } of dataset.parts ?? [dataset]) {
      const size = sampleShape.reduce((product, extent) => product * extent, 1);
      expect(values.length).toBe(count * size);
    }
    expect(dataset.values.every(Number.isFinite)).toBe(true);
    for (const label of dataset.labels) {
      if (label.kind !== 'class') throw new Error(`${label.name} is not a class label`);
      expect(label.values.length).toBe(count);
      const seen = new Set(label.values);
      seen.delete(-1);
      // Every class has members, and no member is of no class.
      expect([...seen].sort((a, b) => a - b)).toEqual(label.classes.map((_, id) => id));
    }
    expect(dataset.split?.length).toBe(count);
    const parts = new Set(dataset.split);
    expect(parts.has(TRAIN)).toBe(true);
    expect([...parts].every((part) => part === TRAIN || part === TEST)).toBe(true);
    if (dataset.lengths) {
      expect(dataset.lengths.length).toBe(count);
      const [longest] = dataset.sampleShape;
      expect(dataset.lengths.every((length) => length > 0 && length <= longest!)).toBe(true);
    }
    const letters = dataset.alphabet?.length;
    if (letters) expect(dataset.values.every((id) => id >= 0 && id < letters)).toBe(true);
  });

  test('becomes finite model input, standardised on the training part', async () => {
    const dataset = await once(name);
    const kind = modalities[modality];
    const { input } = kind.suggest(dataset);
    const training = Array.from(dataset.split!, (part, i) => (part === TRAIN ? i : -1)).filter(
      (i) => i >= 0,
    );
    const indices = training.slice(0, 64);
    const normalisation = kind.fit(dataset, indices, input);
    expect(JSON.parse(JSON.stringify(normalisation))).toEqual(normalisation);
    const example = emptyExamples(input);
    let squares = 0;
    for (const index of indices) {
      kind.encode(dataset, index, normalisation, input, example, 0);
      expect(example.every(Number.isFinite)).toBe(true);
      for (const value of example) squares += value * value;
    }
    if (input.kind === 'several') {
      // Its inputs are looked at by themselves.
      expect(example.length).toBe(3 * 32 * 32 + 8);
    } else if (input.kind === 'tokens') {
      expect(Math.max(...example)).toBeLessThan(input.vocabulary);
    } else {
      expect(squares / (example.length * indices.length)).toBeGreaterThan(0.5);
      expect(squares / (example.length * indices.length)).toBeLessThan(1.5);
    }
  });
});

test('weather: windows of four weeks in the units of the source', async () => {
  const weather = await once('weather');
  expect(weather.sampleShape).toEqual([4, 28]);
  // 2012-01-01 in Seattle: 0.0 mm, 12.8 and 5.0 degrees, wind 4.7.
  expect([0, 28, 56, 84].map((at) => weather.values[at])).toEqual(
    [0, 12.8, 5, 4.7].map(Math.fround),
  );
  const [season, city] = weather.labels;
  expect(season).toMatchObject({ name: 'season', values: expect.objectContaining({ 0: 0 }) });
  expect(city).toMatchObject({ name: 'city', classes: ['Seattle', 'New York'] });
  // The last window ends on 2015-12-30 in New York: 9.4 mm.
  expect(weather.values.slice(-4 * 28)[27]).toBe(Math.fround(9.4));
});

test('weather: no day is in both parts', async () => {
  const weather = await once('weather');
  const groups = weather.groups!.values;
  const yearsOf = (part: number) =>
    new Set(Array.from(groups).filter((_, i) => weather.split![i] === part));
  expect([...yearsOf(TRAIN)].some((group) => yearsOf(TEST).has(group))).toBe(false);
});

test('emoji: channels first, white corners', async () => {
  const emoji = await once('emoji');
  expect(emoji.sampleShape).toEqual([3, 32, 32]);
  expect(Array.from(emoji.split!).filter((part) => part === TEST).length).toBe(334);
  // The grinning face (1f600) comes first: yellow in the middle, white in the corner.
  const at = (channel: number, row: number, column: number) =>
    emoji.values[(channel * 32 + row) * 32 + column]!;
  expect([at(0, 0, 0), at(1, 0, 0), at(2, 0, 0)]).toEqual([255, 255, 255]);
  expect(at(0, 10, 5)).toBeGreaterThan(200);
  expect(at(2, 10, 5)).toBeLessThan(120);
});

/** Examples of each class (or -1) in a part of the split. */
function countsOf(dataset: Dataset, part: number): Record<string, number> {
  const label = dataset.labels[0]!;
  if (label.kind !== 'class') throw new Error(`${label.name} is not a class label`);
  const counts: Record<string, number> = {};
  label.values.forEach((id, i) => {
    if (dataset.split![i] !== part) return;
    const name = label.classes[id] ?? 'unlabelled';
    counts[name] = (counts[name] ?? 0) + 1;
  });
  return counts;
}

test('cells: the numbers of the first row, and the classes of both parts', async () => {
  const cells = await once('cells');
  expect(cells.sampleShape).toEqual([56]);
  expect(cells.features!.slice(0, 2)).toEqual(['angle ch 1', 'area ch 1']);
  expect(Array.from(cells.values.slice(0, 3))).toEqual([133.752, 819, 31.92327].map(Math.fround));
  expect(countsOf(cells, TRAIN)).toEqual({ poor: 636, well: 373 });
  expect(countsOf(cells, TEST)).toEqual({ poor: 664, well: 346 });
});

/** The symbols of an example. */
function spell(dataset: Dataset, index: number): string {
  const length = dataset.sampleShape[0]!;
  const present = dataset.lengths?.[index] ?? length;
  const ids = Array.from(dataset.values.slice(index * length, index * length + present));
  return ids.map((id) => dataset.alphabet![id]).join('');
}

test('bacteria: whole reads, as many of each species', async () => {
  const bacteria = await once('bacteria');
  expect(spell(bacteria, 0)).toMatch(/^ATTCAAGTTGCCATACATTATTGTTGTATTCGCC[ACGT]{216}$/);
  expect(Object.values(countsOf(bacteria, TRAIN))).toEqual([600, 600, 600, 600, 600]);
  expect(Object.values(countsOf(bacteria, TEST))).toEqual([150, 150, 150, 150, 150]);
});

test('proteins: the letters of Pfam, cropped to 128, half of them unlabelled', async () => {
  const proteins = await once('proteins');
  expect(proteins.alphabet!.join('')).toBe('XARNDCQEGHILKMFPSTWYVUOBZJ');
  expect(spell(proteins, 0)).toMatch(/^MADVYELFLTCPKGLESLLLEEAQ[A-Z]{104}$/);
  // The second unlabelled one (K7GMU3).
  expect(spell(proteins, 1515 + 520 + 1)).toMatch(/^MGDVANSSIEFHPKAQ/);
  expect(countsOf(proteins, TRAIN).unlabelled).toBe(2000);
  const labelled = Object.values(countsOf(proteins, TEST)).reduce((sum, n) => sum + n, 0);
  expect(labelled).toBe(520);
});

test('glosses: text as written', async () => {
  const glosses = await once('glosses');
  expect(spell(glosses, 0)).toBe(
    'a barrier constructed to contain the flow of water or to keep out the sea',
  );
  expect(new Set(Object.values(countsOf(glosses, TRAIN)))).toEqual(new Set([600]));
  // Characters of the test part that training never saw are one symbol.
  expect(glosses.alphabet!.length).toBe(1 + 79 + 1);
});

test('wafer maps: called synthetic; discs with as many maps of each pattern', async () => {
  const maps = await once('wafer-maps');
  expect(maps.origin.synthetic).toBe(true);
  expect(maps.values[0]).toBe(0);
  expect(new Set(Object.values(countsOf(maps, TRAIN)))).toEqual(new Set([250]));
  expect(new Set(Object.values(countsOf(maps, TEST)))).toEqual(new Set([60]));
});

test('languages: samples within the rounding of 8-bit mu-law', async () => {
  const languages = await once('languages');
  expect(languages.sampleRate).toBe(8000);
  expect(languages.lengths![0]).toBe(7783);
  // Samples of the first recording as 16-bit numbers: its loudest, and a run.
  const source = { 1681: 17331, 1000: 4254, 1001: 4514, 1002: 4482, 1003: 4257, 1004: 3746 };
  for (const [at, sample] of Object.entries(source)) {
    // Half a step of 127 of ln(256), relative to sample + 1/255.
    const tolerance = (Math.abs(sample / 32768) + 1 / 255) * (Math.log(256) / 127 / 2) * 1.05;
    expect(Math.abs(languages.values[Number(at)]! - sample / 32768)).toBeLessThan(tolerance);
  }
  expect(languages.values.slice(7783, languages.sampleShape[0]!).every((v) => v === 0)).toBe(true);
  expect(new Set(Object.values(countsOf(languages, TEST)))).toEqual(new Set([11]));
});

test('landsat: six bands of the scene, and neighbouring tiles share their pixels', async () => {
  const landsat = await once('landsat');
  expect(landsat.sampleShape).toEqual([6, 32, 32]);
  const at = (tile: number, band: number, row: number, column: number) =>
    landsat.values[((tile * 6 + band) * 32 + row) * 32 + column];
  expect([0, 1, 2, 3, 4, 5].map((band) => at(0, band, 0, 0))).toEqual([69, 56, 46, 79, 86, 46]);
  // Tiles begin every 8 pixels, 37 to a row of the scene; row 100 and column 200 are 4 below and 0 right of tile (12, 25).
  expect([0, 1, 2, 3, 4, 5].map((band) => at(12 * 37 + 25, band, 4, 0))).toEqual([
    94, 87, 103, 66, 152, 133,
  ]);
  expect(at(0, 3, 5, 8)).toBe(at(1, 3, 5, 0));
  expect(landsat.labels).toEqual([]);
});

test('an unknown name is refused with the names that there are', async () => {
  await expect(load('nothing')).rejects.toThrow(DataError);
  await expect(load('nothing')).rejects.toThrow(/weather/);
});

test('files cut short are refused', async () => {
  const cut: FetchBytes = async (path) => {
    const bytes = await fromFolder(path);
    if (path.endsWith('.json')) {
      const manifest = JSON.parse(new TextDecoder().decode(bytes)) as Manifest;
      manifest.sections[0]!.length += 1000;
      return new TextEncoder().encode(JSON.stringify(manifest));
    }
    return bytes;
  };
  await expect(loadBuiltin('weather', cut)).rejects.toThrow(/manifest/);
});

test('emoji with their names: the words are those of the picture, and half are to be swapped', async () => {
  const { parts, labels, split } = await once('emoji-names');
  const [pictures, names] = parts!;
  expect([pictures!.modality, names!.modality]).toEqual(['image', 'text']);
  const emoji = await once('emoji');
  // Millions of bytes, which a matcher would walk one by one.
  expect(Buffer.compare(pictures!.values as Uint8Array, emoji.values as Uint8Array)).toBe(0);
  expect([labels[0], split]).toEqual([emoji.labels[0], emoji.split]);
  const words = (example: number) =>
    Array.from(names!.values.slice(example * 11, example * 11 + names!.lengths![example]!))
      .map((id) => names!.alphabet![id])
      .join(' ');
  expect([0, 1, 2].map(words)).toEqual([
    'grinning face',
    'smiling face with open mouth',
    'smiling face with open mouth and smiling eyes',
  ]);
  const matching = labels.find((label) => label.matching)!;
  expect(Array.from(matching.values).filter(Boolean).length).toBe(818);
});
