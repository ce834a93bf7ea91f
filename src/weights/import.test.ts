// Weights that come in: our own files, reference checkpoints, and files that must be refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, type Dataset } from '../data/dataset';
import { fuzzRuns, readOrRefuse } from '../data/fuzz.testing';
import { exportWeights } from './export';
import { checkFit, importWeights, MismatchError } from './import';
import { inferModel } from './infer';
import { checkWeightFile, MAXIMUM_WEIGHT_BYTES } from './limits';
import { encoderNames } from './names';
import { readReference, recipeOf, referenceNames, tensorsOf } from './reference.testing';
import { readSafetensors, type WritableTensor, writeSafetensors } from './safetensors';
import { engineValues, stateNames } from './stateDict';

const fixture = readReference('tabular');
const recipe = recipeOf(fixture);
const tensors = tensorsOf(fixture);
const dataset: Dataset = {
  name: 'a table',
  modality: 'tabular',
  count: 2,
  sampleShape: [2],
  values: new Float32Array(4),
  categories: [undefined, ['<b>no</b>', 'yes']],
  labels: [
    { name: 'kind', kind: 'class', classes: ['a', 'b'], values: Int32Array.of(0, 1) },
    { name: 'age', kind: 'number', unit: 'years', values: Float32Array.of(1, 2) },
  ],
  origin: { source: 'table.csv', licence: 'CC BY 4.0' },
  warnings: ['few examples'],
};
const own = exportWeights(recipe, engineValues(tensors), dataset, 1240);

/** Our own file with other metadata. */
function withMetadata(change: Record<string, string>, content = tensors): Uint8Array {
  const { metadata } = readSafetensors(own, 'own');
  return writeSafetensors(content, { ...metadata, ...change });
}

function faultOf(read: () => unknown): DataError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return error as DataError;
  }
  throw new Error('nothing was refused');
}

describe('our own file', () => {
  it('comes back with recipe, step and the description of the data', () => {
    const imported = importWeights(own, 'own.safetensors');
    expect(imported.recipe).toEqual(recipe);
    expect(imported.step).toBe(1240);
    expect(new Set(imported.tensors.map((t) => t.name))).toEqual(
      new Set(tensors.map((t) => t.name)),
    );
    const { values: _, warnings: __, labels, ...rest } = dataset;
    expect(imported.data).toEqual({
      ...rest,
      labels: labels.map(({ values: _, ...label }) => label),
    });
    expect(imported.data!.categories).toEqual(dataset.categories);
  });

  it('names the licence of its data where a reader without JSON finds it', () => {
    expect(readSafetensors(own, 'own').metadata.data_licence).toBe('CC BY 4.0');
  });

  it('is refused where its tensors are not those of its recipe, all of them listed', () => {
    const other: WritableTensor[] = tensors
      .filter(({ name }) => name !== 'cls_token')
      .map((t) => (t.name === 'norm_enc.bias' ? { ...t, shape: [t.data.length, 1] } : t));
    other.push({ name: 'head.weight', shape: [1], dtype: 'F32', data: Float32Array.of(1) });
    const fault = faultOf(() => importWeights(withMetadata({}, other), 'other.safetensors'));
    expect(fault).toBeInstanceOf(MismatchError);
    expect(fault.message).toBe(
      'other.safetensors: 1 missing: cls_token; 1 unexpected: head.weight; 1 of another shape: norm_enc.bias [32,1] for [32]. Use weights of the same input, sizes and objective, or set the recipe to theirs.',
    );
    const { difference } = fault as MismatchError;
    expect(difference.missing.map(({ name }) => name)).toEqual(['cls_token']);
  });

  it('counts what is too much to list', () => {
    const fault = faultOf(() => checkFit([], stateNames(recipe), 'x'));
    expect(fault.fault).toMatch(/^\d\d missing: (\w|[., ])+ and \d+ more$/);
  });

  it('is refused where its training had failed', () => {
    const broken = tensors.map((t) =>
      t.name === 'norm_dec.bias'
        ? { ...t, data: (t.data as Float32Array).map(() => Number.NaN) }
        : t,
    ) as WritableTensor[];
    const fault = faultOf(() => importWeights(withMetadata({}, broken), 'x'));
    expect(fault.fault).toBe('"norm_dec.bias" holds NaN at place 0');
  });
});

describe('metadata of others', () => {
  const good = JSON.stringify(recipe);
  const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
  const data = JSON.parse(readSafetensors(own, 'own').metadata.data!);
  it.each<[string, Record<string, string>, RegExp]>([
    ['a newer layout', { metadata_version: '2' }, /have version 2, this page knows 1/],
    ['no layout', { metadata_version: '' }, /have version/],
    ['a recipe that is no JSON', { recipe: '{' }, /the recipe is not valid JSON/],
    ['a recipe that is no recipe', { recipe: '[]' }, /the recipe is not valid/],
    ['a value out of range', { recipe: good.replace('"steps":1', '"steps":-1') }, /at steps/],
    [
      'a giant model',
      { recipe: good.replace('"width":32', '"width":8192') },
      /at model\.encoder\.width/,
    ],
    ['a repeated key', { recipe: good.replace('{', '{"version":1,') }, /"version" is given twice/],
    [
      'a prototype',
      { recipe: good.replace('{', '{"__proto__":{"polluted":1},') },
      /reserved key "__proto__"/,
    ],
    [
      'a prototype within',
      { recipe: good.replace('"settings":{', '"settings":{"constructor":1,') },
      /reserved key "constructor"/,
    ],
    ['a prototype by escape', { data: '{"\\u005f_proto__":1}' }, /reserved key "__proto__"/],
    ['too deep a nest', { recipe: deep }, /nested more than 32 deep/],
    ['too long a text', { recipe: ' '.repeat(4_000_001) }, /has 4000001 characters/],
    [
      'an unknown objective',
      { recipe: good.replace('"metamae"', '"toString"') },
      /at objective\.name/,
    ],
    [
      'an unknown modality',
      { data: JSON.stringify({ ...data, modality: 'toString' }) },
      /at modality/,
    ],
    [
      'a description of a name too long',
      { data: JSON.stringify({ ...data, name: 'x'.repeat(10_001) }) },
      /at name/,
    ],
  ])('refuses %s', (_, change, fault) => {
    const refused = faultOf(() => importWeights(withMetadata(change), 'theirs.safetensors'));
    expect(refused.file).toBe('theirs.safetensors');
    expect(refused.fault).toMatch(fault);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('leaves out a step that is no number', () => {
    expect(importWeights(withMetadata({ step: '1e9' }), 'x').step).toBeUndefined();
  });

  it('refuses or reads any JSON as recipe and description', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (first, second) => {
        const changes: Record<string, string>[] = [{ recipe: first }, { data: second }];
        for (const change of changes) {
          await readOrRefuse('recipe in weights', () => importWeights(withMetadata(change), 'x'));
        }
      }),
      fuzzRuns(100),
    );
  });
});

describe('size', () => {
  it('is checked before a file is read', () => {
    const name = 'huge.safetensors';
    expect(() => checkWeightFile({ name, size: MAXIMUM_WEIGHT_BYTES })).not.toThrow();
    const fault = faultOf(() => checkWeightFile({ name, size: MAXIMUM_WEIGHT_BYTES + 1 }));
    expect(fault.message).toMatch(/^huge\.safetensors: it has 1073741825 bytes/);
  });
});

describe('a reference checkpoint without a recipe', () => {
  const heads = { encoder: 4, decoder: 2 };

  it.each(referenceNames)('tells its input and model, %s', (name) => {
    const reference = readReference(name);
    const wanted = recipeOf(reference);
    const bytes = writeSafetensors(tensorsOf(reference), { format: 'pt' });
    const imported = importWeights(bytes, 'checkpoint.safetensors');
    expect(imported.recipe).toBeUndefined();
    expect(inferModel(imported.tensors, 'x', heads)).toEqual({
      input: wanted.input,
      model: wanted.model,
      objective: 'metamae',
      innerLearningRate: reference.config.inner_lr,
    });
    expect(() => checkFit(imported.tensors, stateNames(wanted), 'x')).not.toThrow();
  });

  it('is a plain autoencoder without a projector', () => {
    const plain = tensors.filter(({ name }) => !/^(projector|inner_lr)/.test(name));
    expect(inferModel(plain, 'x', heads)).toMatchObject({ objective: 'mae' });
  });

  it('needs its encoder alone where features are wanted', () => {
    const encoder = encoderNames(recipe.input, recipe.model);
    const part = tensors.filter(({ name }) => !name.startsWith('decoder'));
    expect(() => checkFit(part, encoder, 'x', { others: true })).not.toThrow();
    expect(faultOf(() => checkFit(part, encoder, 'x')).fault).toMatch(/^\d+ unexpected: /);
    expect(faultOf(() => checkFit(part, stateNames(recipe), 'x')).fault).toMatch(/^\d+ missing: /);
  });

  it('says what is wrong with other models', () => {
    expect(faultOf(() => inferModel([], 'x')).fault).toBe('it has no "cls_token"');
    expect(faultOf(() => inferModel(tensors, 'x', { encoder: 5, decoder: 2 })).fault).toMatch(
      /its model is not valid at encoder\.heads/,
    );
    const flat = tensors.map((t) =>
      t.name === 'pos_embed' ? { ...t, shape: [t.data.length] } : t,
    );
    expect(faultOf(() => inferModel(flat, 'x', heads)).fault).toMatch(/"pos_embed" has the shape/);
  });
});
