// The engine's parameters and the reference implementation's state_dict, there and back.
import { describe, expect, it } from 'vitest';
import { readReference, recipeOf, referenceNames, tensorsOf } from './reference.testing';
import { readSafetensors, writeSafetensors } from './safetensors';
import { engineValues, stateDict, stateNames } from './stateDict';

describe.each(referenceNames)('%s', (name) => {
  const fixture = readReference(name);
  const recipe = recipeOf(fixture);

  it('comes back from a file as it was, the inner learning rate out of the recipe', () => {
    const tensors = tensorsOf(fixture);
    const { inner_lr: _, ...values } = engineValues(tensors);
    const written = stateDict(recipe, values);
    expect(written).toEqual(tensors);
    const back = readSafetensors(writeSafetensors(written), 'x').tensors;
    const byName = new Map(back.map((tensor) => [tensor.name, tensor]));
    expect(tensors.map(({ name }) => byName.get(name))).toEqual(tensors);
  });
});

it("takes the objective's default where the recipe leaves the inner learning rate open", () => {
  const fixture = readReference('token');
  const recipe = recipeOf(fixture);
  recipe.objective.settings = {};
  const written = stateDict(recipe, engineValues(tensorsOf(fixture)));
  expect(written.find(({ name }) => name === 'inner_lr')!.data).toEqual(Float32Array.of(0.5));
});

describe('a plain autoencoder', () => {
  const fixture = readReference('tabular');
  const recipe = recipeOf(fixture);
  recipe.objective = { name: 'mae', settings: { maskRatio: 0.5 } };

  it('leaves the projector out', () => {
    const written = stateDict(recipe, engineValues(tensorsOf(fixture)));
    expect(written.map(({ name }) => name)).toEqual(stateNames(recipe).map(({ name }) => name));
    expect(written.some(({ name }) => name.startsWith('projector'))).toBe(false);
  });

  it('names what is missing', () => {
    const { cls_token: _, ...values } = engineValues(tensorsOf(fixture));
    expect(() => stateDict(recipe, values)).toThrow('"cls_token" has no values');
  });
});
