// Every built-in data set: loads, keeps its word, and stays small enough to be served with the page.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
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
    const size = dataset.sampleShape.reduce((product, extent) => product * extent, 1);
    expect(dataset.values.length).toBe(count * size);
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
      expect(dataset.lengths.every((length) => length > 0 && length <= size)).toBe(true);
    }
    if (dataset.alphabet) expect(Math.max(...dataset.values)).toBeLessThan(dataset.alphabet.length);
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
    const size =
      input.kind === 'tokens'
        ? input.length
        : input.channels * (input.kind === 'grid' ? input.height * input.width : input.length);
    const example = input.kind === 'tokens' ? new Int32Array(size) : new Float32Array(size);
    let squares = 0;
    for (const index of indices) {
      kind.encode(dataset, index, normalisation, input, example, 0);
      expect(example.every(Number.isFinite)).toBe(true);
      for (const value of example) squares += value * value;
    }
    if (input.kind === 'tokens') {
      expect(Math.max(...example)).toBeLessThan(input.vocabulary);
    } else {
      expect(squares / (size * indices.length)).toBeGreaterThan(0.5);
      expect(squares / (size * indices.length)).toBeLessThan(1.5);
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
