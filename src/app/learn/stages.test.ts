// The stages of a step follow the method: all of MetaMAE's, fewer where there is no inner step or no mask.
import { expect, it } from 'vitest';
import type { Walk } from '../../session/protocol';
import { stagesOf } from './stages';

const latent = { rows: 2, width: 2, values: Float32Array.of(3, 4, 0, 5) };
const walk: Walk = {
  step: 7,
  batch: 16,
  example: 3,
  tokens: 4,
  visible: 1,
  reconstruction: {
    original: new Float32Array(4),
    mask: Uint8Array.of(0, 1, 1, 1),
    support: Uint8Array.of(1, 1, 0, 0),
    fromZ: new Float32Array(4),
    errorZ: new Float32Array(4),
  },
  latent,
  adapted: { ...latent, values: Float32Array.of(3, 4, 0, 4) },
  loss: 2.5,
  curves: { reconstruction: 1, inner: 0.5, contrastive: 1.5 },
  gradientNorm: 5,
  parts: [{ part: 'encoder', norm: 5, parameters: 10 }],
  learningRate: 1e-3,
};
const keys = (of: Walk) => stagesOf(of, {}).map(({ key }) => key);

it('MetaMAE has all of them, with the numbers of the walk', () => {
  const stages = stagesOf(walk, { reconstruction: 'Reconstruction' });
  expect(stages.map(({ key }) => key)).toEqual([
    'tokens',
    'mask',
    'encoder',
    'inner',
    'adapted',
    'decoder',
    'losses',
    'update',
  ]);
  const facts = Object.fromEntries(stages.flatMap((stage) => stage.facts));
  expect(facts).toMatchObject({
    'Examples N': '16',
    'Visible K': '1',
    Masked: '3',
    Z: '2 × 2',
    'Support tokens': '2',
    Reconstruction: '1.000',
    Total: '2.500',
    'Gradient, encoder': '5.000',
  });
  // Rows of length 5 and 5; the step is 1 long, Z is √50.
  expect(stages.find(({ key }) => key === 'encoder')!.facts[1]![1]).toBe('5.000');
  expect(facts['Length of the step over that of Z']).toBe('14\u202f%');
});

it('without an inner step, or without masks, there are fewer', () => {
  const { adapted, ...mae } = walk;
  expect(keys(mae)).toEqual(['tokens', 'mask', 'encoder', 'decoder', 'losses', 'update']);
  const { reconstruction, latent: _, ...plain } = mae;
  expect(keys(plain)).toEqual(['tokens', 'losses', 'update']);
});
