// Names and shapes against the state_dict of the reference implementation, for each kind of input.
import { describe, expect, it } from 'vitest';
import { architectureOf, inputOf } from '../parity/fixture';
import { autoencoderNames, compareNames, metamaeNames } from './names';
import { readReference, referenceNames } from './reference.testing';

describe.each(referenceNames)('%s', (name) => {
  const fixture = readReference(name);
  const input = inputOf(fixture);
  const model = architectureOf(fixture);
  const names = metamaeNames(input, model);

  it('lists the reference state_dict, in its order', () => {
    const listed = names.map((n) => ({ name: n.name, shape: n.shape, trainable: n.trainable }));
    const recorded = fixture.state_dict.map(({ data: _, ...entry }) => entry);
    expect(listed).toEqual(recorded);
  });

  it('gives the plain autoencoder everything but projector and inner learning rate', () => {
    const own = names.filter(({ name }) => !/^(projector\.|inner_lr$)/.test(name));
    expect(autoencoderNames(input, model)).toEqual(own);
  });
});

describe('comparing', () => {
  const input = { kind: 'series', channels: 2, length: 20, patch: 5 } as const;
  const stack = { width: 8, layers: 1, heads: 2 };
  const names = metamaeNames(input, { encoder: stack, decoder: stack, mlpRatio: 2, dropout: 0 });

  it('finds nothing where nothing differs, in any order', () => {
    expect(compareNames(names, names.toReversed())).toEqual({
      missing: [],
      unexpected: [],
      misshaped: [],
    });
  });

  it('tells missing, unexpected and mis-shaped parameters apart', () => {
    const got = names
      .filter(({ name }) => name !== 'cls_token')
      .map(({ name, shape }) =>
        name === 'inner_lr' ? { name, shape: [1] } : { name, shape: [...shape] },
      );
    got.push({ name: 'head.weight', shape: [3, 8] });
    const difference = compareNames(names, got);
    expect(difference.missing.map(({ name }) => name)).toEqual(['cls_token']);
    expect(difference.unexpected).toEqual([{ name: 'head.weight', shape: [3, 8] }]);
    expect(difference.misshaped).toEqual([{ name: 'inner_lr', expected: [], got: [1] }]);
  });

  it('does not mistake an inherited property for a tensor', () => {
    expect(compareNames(names, [{ name: '__proto__', shape: [1] }]).unexpected).toHaveLength(1);
  });
});
