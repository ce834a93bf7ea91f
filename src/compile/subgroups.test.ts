// Subgroups are used only where neighbours lie in them in order.
import { expect, test } from 'vitest';
import { inOrder, neighboursInSubgroup } from './subgroups';

const dealt = (size: number, place: (invocation: number) => number) =>
  inOrder(
    Uint32Array.from({ length: 64 }, (_, i) => place(i)),
    new Uint32Array(64).fill(size),
  );

test('neighbours in order are told from those that are dealt out otherwise', () => {
  expect(dealt(8, (i) => i % 8)).toBe(true);
  expect(dealt(4, (i) => i % 8)).toBe(false);
  expect(dealt(8, (i) => 7 - (i % 8))).toBe(false);
  // Every other invocation in a subgroup of its own.
  expect(dealt(8, (i) => (i >> 1) % 8)).toBe(false);
});

test('a device without them has none', async () => {
  const plain = { features: new Set(), adapterInfo: { subgroupMinSize: 32 } };
  expect(await neighboursInSubgroup(plain as unknown as GPUDevice)).toBe(0);
  const silent = { features: new Set(['subgroups']), adapterInfo: {} };
  expect(await neighboursInSubgroup(silent as unknown as GPUDevice)).toBe(0);
});
