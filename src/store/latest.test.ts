// One at a time, at most one waiting, and the last wish is always granted.
import { expect, it } from 'vitest';
import { latest } from './latest';

it('skips what was overtaken and ends with the last wish', async () => {
  const done: number[] = [];
  let wish = 0;
  let release: (() => void)[] = [];
  const ask = latest(async (isStale) => {
    const mine = wish;
    await new Promise<void>((resolve) => release.push(resolve));
    if (!isStale()) done.push(mine);
  });
  const settle = async () => {
    const held = release;
    release = [];
    for (const free of held) free();
    await new Promise((resolve) => setTimeout(resolve));
  };
  for (wish = 1; wish <= 3; wish++) ask();
  wish = 3;
  expect(release).toHaveLength(1);
  await settle();
  expect(release).toHaveLength(1);
  await settle();
  expect(done).toEqual([3]);
  expect(release).toHaveLength(0);
  wish = 4;
  ask();
  await settle();
  expect(done).toEqual([3, 4]);
});
