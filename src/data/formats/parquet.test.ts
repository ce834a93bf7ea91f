// Damaged Parquet: a message, never a reader that goes in circles.
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, test } from 'vitest';
import { loadFiles } from '../load';
import { faultOf, file, loadOrRefuse } from '../testing';

type Column = Parameters<typeof parquetWriteBuffer>[0]['columnData'][number];

const columnData: Column[] = [
  { name: 'a', data: Array.from({ length: 12 }, (_, i) => (i % 5 ? i / 3 : null)), type: 'DOUBLE' },
  { name: 'kind', data: Array.from({ length: 12 }, (_, i) => ['x', 'yy'][i % 2]), type: 'STRING' },
  { name: 'n', data: Array.from({ length: 12 }, (_, i) => i), type: 'INT32' },
];

test.each(['SNAPPY', 'UNCOMPRESSED'] as const)(
  '%s: whatever byte is changed, it loads or says why not',
  async (codec) => {
    const whole = new Uint8Array(parquetWriteBuffer({ columnData, codec }));
    expect((await loadFiles([file('x.parquet', whole)])).count).toBe(12);
    for (let at = 4; at < whole.length; at++) {
      // Bits that make sizes and counts negative, huge or nothing.
      for (const value of [0x00, 0x80, 0xff]) {
        const damaged = whole.slice();
        damaged[at] = value;
        await loadOrRefuse([file('x.parquet', damaged)]);
      }
    }
  },
);

test('a page whose size cannot be is named with its place', async () => {
  const damaged = new Uint8Array(parquetWriteBuffer({ columnData, codec: 'UNCOMPRESSED' }));
  // The first page's header: its packed size turns negative.
  damaged[4 + 6] = 0xff;
  expect(await faultOf(loadFiles([file('x.parquet', damaged)]))).toMatch(
    /x.parquet: cannot be read as Parquet \(.*page.*\). It was probably not copied completely/,
  );
});

test('whatever bit of the header of the first page is wrong, it loads or says why not', async () => {
  const whole = new Uint8Array(
    parquetWriteBuffer({ columnData: columnData.slice(0, 1), codec: 'UNCOMPRESSED' }),
  );
  // Every bit by itself, and the ends of what a byte can say.
  const wrong = (byte: number) => [
    ...Array.from({ length: 8 }, (_, bit) => byte ^ (1 << bit)),
    ...[0, 1, 0x7f, 0x80, 0xff, (byte + 1) % 256, (byte + 255) % 256],
  ];
  for (let at = 4; at < 44; at++) {
    for (const value of wrong(whole[at]!)) {
      const damaged = whole.slice();
      damaged[at] = value;
      await loadOrRefuse([file('x.parquet', damaged)]);
    }
  }
});
