// Pairs from files as people have them: pictures with a table or JSON Lines of words, pictures with numbers, recordings with text.
import { encode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { makeRecipe } from '../modality/presets';
import { keepDataset, loadKept } from '../storage/datasets';
import { MemoryFolder } from '../storage/memoryFolder.testing';
import { Examples } from '../train/examples';
import { recipeSchema } from '../train/recipe';
import type { Dataset } from './dataset';
import { loadFiles } from './load';
import { buffersOf } from './protocol';
import { subset } from './subset';
import { faultOf, file } from './testing';

const captions = ['a red square', 'a blue square', 'red circle', '', 'two blue circles'];
const COUNT = 20;

function picture(i: number): Uint8Array {
  return encode({
    width: 8,
    height: 8,
    channels: 3,
    depth: 8,
    data: Uint8Array.from({ length: 192 }, (_, p) => (p * 7 + i * 11) % 256),
  });
}

const pictures = Array.from({ length: COUNT }, (_, i) => file(`images/p${i}.png`, picture(i)));
const caption = (i: number) => captions[i % captions.length]!;

/** Mono, 8 bits, 8 kHz. */
function recording(i: number): Uint8Array {
  const samples = Uint8Array.from(
    { length: 800 },
    (_, s) => 128 + 60 * Math.sin((s * (i + 1)) / 9),
  );
  const bytes = new Uint8Array(44 + samples.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, word: string) =>
    [...word].forEach((c, k) => {
      bytes[at + k] = c.charCodeAt(0);
    });
  text(0, 'RIFF');
  view.setUint32(4, 36 + samples.length, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  text(36, 'data');
  view.setUint32(40, samples.length, true);
  bytes.set(samples, 44);
  return bytes;
}

/** The words of an example. */
function wordsOf(dataset: Dataset, example: number): string {
  const { values, lengths, alphabet, sampleShape } = dataset.parts![1]!;
  const start = example * sampleShape[0]!;
  return Array.from(values.slice(start, start + lengths![example]!))
    .map((id) => alphabet![id])
    .join(' ');
}

/** The data set makes a recipe, and its examples model input. */
function trains(dataset: Dataset): void {
  const recipe = makeRecipe(dataset, { preset: 'tiny' });
  expect(recipeSchema.parse(recipe)).toEqual(recipe);
  const examples = new Examples(dataset, recipe);
  expect(examples.encode([0, 1, 2]).every(Number.isFinite)).toBe(true);
}

describe('pictures with a column of text', () => {
  const table = file(
    'captions.csv',
    `file,caption,kind\n${pictures.map((_, i) => `p${i}.png,${caption(i)},${i % 2 ? 'odd' : 'even'}`).join('\n')}`,
  );

  test('become pairs, each picture with its own words', async () => {
    const dataset = await loadFiles([...pictures, table]);
    expect(dataset.modality).toBe('pair');
    expect(dataset.parts!.map(({ modality }) => modality)).toEqual(['image', 'text']);
    expect(dataset.parts!.every(({ count }) => count === COUNT)).toBe(true);
    for (let i = 0; i < COUNT; i++) expect(wordsOf(dataset, i)).toBe(caption(i));
    expect(dataset.labels.map(({ name }) => name)).toEqual(['kind', 'belongs together']);
    expect(dataset.warnings.join(' ')).toContain('4 examples have no text in "caption"');
    trains(dataset);
  });

  test('are taken together, in part and to another thread', async () => {
    const dataset = await loadFiles([...pictures, table]);
    const few = subset(dataset, [7, 2]);
    expect([few.count, wordsOf(few, 0), wordsOf(few, 1)]).toEqual([2, caption(7), caption(2)]);
    expect(buffersOf(dataset)).toContain(dataset.parts![1]!.values.buffer);
  });

  test('are kept in the storage of the browser and come back the same', async () => {
    const dataset = await loadFiles([...pictures, table]);
    const folder = new MemoryFolder();
    const reference = await keepDataset(folder, dataset);
    const never = () => Promise.reject(new Error('is no built-in set'));
    const kept = await loadKept(folder, reference, never);
    expect(kept.parts!.map(({ values }) => values)).toEqual(
      dataset.parts!.map(({ values }) => values),
    );
    expect([0, 1, 2].map((i) => wordsOf(kept, i))).toEqual([0, 1, 2].map(caption));
    expect(kept.labels).toEqual(dataset.labels);
    trains(kept);
  });

  test('stay pictures where no words are wanted', async () => {
    const dataset = await loadFiles([...pictures, table], { words: '' });
    expect([dataset.modality, dataset.parts]).toEqual(['image', undefined]);
  });

  test('a column that is not there is named', async () => {
    expect(await faultOf(loadFiles([...pictures, table], { words: 'poem' }))).toMatch(/words/);
  });
});

test('pictures with JSON Lines of pairs', async () => {
  const lines = pictures.map((_, i) =>
    JSON.stringify({ image: `images/p${i}.png`, text: caption(i) }),
  );
  const dataset = await loadFiles([...pictures, file('pairs.jsonl', lines.join('\n'))]);
  expect(dataset.modality).toBe('pair');
  for (let i = 0; i < COUNT; i++) expect(wordsOf(dataset, i)).toBe(caption(i));
  trains(dataset);
});

test('pictures with numbers and categories of their own', async () => {
  const rows = pictures.map(
    (_, i) => `p${i}.png,${i / 2},${i === 3 ? '' : i * i},${i % 3 ? 'x' : 'y'}`,
  );
  const table = file('table.csv', `file,width,area,sort\n${rows.join('\n')}`);
  const dataset = await loadFiles([...pictures, table], { columns: ['width', 'area', 'sort'] });
  expect(dataset.parts!.map(({ modality }) => modality)).toEqual(['image', 'tabular']);
  const { values, features, categories } = dataset.parts![1]!;
  expect(features).toEqual(['width', 'area', 'sort']);
  expect(categories).toEqual([undefined, undefined, ['y', 'x']]);
  expect([...values.slice(0, 3), ...values.slice(12, 15)]).toEqual([0, 0, 0, 2, 16, 1]);
  expect(values[10]).toBeNaN();
  // What is shown is no label.
  expect(dataset.labels.map(({ name }) => name)).toEqual(['belongs together']);
  trains(dataset);
  expect(await faultOf(loadFiles([...pictures, table], { columns: ['area'] }))).toMatch(
    /table of one column, "area"/,
  );
});

test('recordings with what is said in them', async () => {
  const sounds = Array.from({ length: COUNT }, (_, i) => file(`${i}.wav`, recording(i)));
  const table = file(
    'index.csv',
    `file,transcript\n${sounds.map((_, i) => `${i}.wav,${caption(i)}`).join('\n')}`,
  );
  const dataset = await loadFiles([...sounds, table]);
  expect(dataset.parts!.map(({ modality }) => modality)).toEqual(['sound', 'text']);
  expect(wordsOf(dataset, 2)).toBe('red circle');
  trains(dataset);
});
