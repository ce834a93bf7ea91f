import { expect, test } from 'vitest';
import { loadFiles } from '../load';
import { file, guessOf } from '../testing';

const table = file('data.csv', `a,b\n${'1,2\n3,4\n5,7\n'.repeat(5)}`);

test('skewed columns are made normal, unless the user says otherwise; the data set carries it', async () => {
  expect(await guessOf([table], 'makeNormal')).toBe(true);
  expect((await loadFiles([table])).keepSkew).toBeUndefined();
  expect((await loadFiles([table], { makeNormal: false })).keepSkew).toBe(true);
  // Rows that are series are no table.
  const series = await loadFiles([table], { rowShape: 'series', makeNormal: false });
  expect(series.keepSkew).toBeUndefined();
});
