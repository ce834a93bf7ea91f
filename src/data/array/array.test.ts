import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type NumpyArray, writeNpy, writeNpz } from '../../weights/npz';
import { writeSafetensors } from '../../weights/safetensors';
import { TEST, TRAIN } from '../dataset';
import { damaged, fuzzRuns } from '../fuzz.testing';
import { inspectFiles, loadFiles } from '../load';
import { classesOf, faultOf, file, guessOf, loadOrRefuse } from '../testing';
import { guessLayout, reorder } from './layout';

const count = (shape: number[]) => shape.reduce((a, b) => a * b, 1);
const floats = (shape: number[], f = (i: number) => Math.sin(i)) => ({
  shape,
  data: Float32Array.from({ length: count(shape) }, (_, i) => f(i)),
});
const bytes = (shape: number[], f = (i: number) => (i * 37) % 256) => ({
  shape,
  data: Uint8Array.from({ length: count(shape) }, (_, i) => f(i)),
});

/** An NPY file of any type, order and version, byte by byte. */
function rawNpy(descr: string, shape: number[], values: Uint8Array, fortran = false, version = 1) {
  const text = `{'descr': ${descr}, 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }\n`;
  const wide = version > 1;
  const out = new Uint8Array(8 + (wide ? 4 : 2) + text.length + values.length);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(out.buffer);
  if (wide) view.setUint32(8, text.length, true);
  else view.setUint16(8, text.length, true);
  out.set(new TextEncoder().encode(text), wide ? 12 : 10);
  out.set(values, (wide ? 12 : 10) + text.length);
  return out;
}

function idx(type: number, shape: number[], values: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + 4 * shape.length + values.length);
  out.set([0, 0, type, shape.length]);
  const view = new DataView(out.buffer);
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent);
  out.set(values, 4 + 4 * shape.length);
  return out;
}

describe('NPY', () => {
  it('gives back what was written, in either byte order and both axis orders', async () => {
    const kinds = [
      {
        code: 'f4',
        set: 'setFloat32',
        size: 4,
        value: fc.float({ noNaN: true, noDefaultInfinity: true }),
      },
      {
        code: 'f8',
        set: 'setFloat64',
        size: 8,
        value: fc.float({ noNaN: true, noDefaultInfinity: true }),
      },
      { code: 'i1', set: 'setInt8', size: 1, value: fc.integer({ min: -128, max: 127 }) },
      { code: 'i2', set: 'setInt16', size: 2, value: fc.integer({ min: -32768, max: 32767 }) },
      { code: 'i4', set: 'setInt32', size: 4, value: fc.integer() },
      { code: 'u1', set: 'setUint8', size: 1, value: fc.nat(255) },
      { code: 'u2', set: 'setUint16', size: 2, value: fc.nat(65535) },
      { code: 'u4', set: 'setUint32', size: 4, value: fc.nat(4_000_000_000) },
      { code: 'i8', set: 'setBigInt64', size: 8, value: fc.integer() },
      { code: 'u8', set: 'setBigUint64', size: 8, value: fc.nat(2_000_000_000) },
    ] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...kinds),
        fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 5 })),
        fc.constantFrom('<', '>'),
        fc.boolean(),
        fc.constantFrom(1, 2, 3),
        fc.infiniteStream(fc.nat()),
        async (kind, [rows, columns], order, fortran, version, seeds) => {
          const values = fc.sample(kind.value as fc.Arbitrary<number>, {
            numRuns: rows * columns,
            seed: [...seeds.take(1)][0],
          });
          const view = new DataView(new ArrayBuffer(values.length * kind.size));
          values.forEach((value, i) => {
            // Fortran order: the first axis is the fastest.
            const at = fortran ? (i % columns) * rows + Math.floor(i / columns) : i;
            const big = kind.set.includes('Big');
            const write = view[kind.set].bind(view) as (o: number, v: unknown, le: boolean) => void;
            write(at * kind.size, big ? BigInt(value) : value, order === '<');
          });
          const data = new Uint8Array(view.buffer);
          const npy = rawNpy(`'${order}${kind.code}'`, [rows, columns], data, fortran, version);
          const dataset = await loadFiles([file('a.npy', npy)], { modality: 'tabular' });
          expect(dataset.sampleShape).toEqual([columns]);
          expect(Array.from(dataset.values)).toEqual(values);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads half precision', async () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0000, 0x3555);
    const npy = rawNpy(`'<f2'`, [3, 2], new Uint8Array(bits.buffer));
    const dataset = await loadFiles([file('a.npy', npy)]);
    expect(dataset.values[0]).toBe(1);
    expect(dataset.values[1]).toBe(-2);
    expect(dataset.values[2]).toBe(65504);
    expect(dataset.values[3]).toBe(2 ** -24);
    expect(dataset.values[5]).toBeCloseTo(1 / 3, 3);
  });

  it('takes labels from tables beside it, each for its own part', async () => {
    const maps = (n: number) => writeNpy(bytes([n, 6, 6], (i) => i % 3));
    const csv = (n: number) =>
      `index,label\n${Array.from({ length: n }, (_, i) => `${i},${i % 2 ? 'none' : 'ring'}`).join('\n')}`;
    const dataset = await loadFiles([
      file('w/maps_test.npy', maps(4)),
      file('w/maps_train.npy', maps(10)),
      file('w/labels_test.csv', csv(4)),
      file('w/labels_train.csv', csv(10)),
      file('w/README.md', 'Maps'),
    ]);
    expect(dataset).toMatchObject({ modality: 'wafer-map', count: 14, sampleShape: [6, 6] });
    expect(classesOf(dataset).slice(8, 12)).toEqual(['ring', 'none', 'ring', 'none']);
    expect(dataset.split!.filter((part) => part === TEST).length).toBe(4);
  });

  it('takes every file of class folders as an example', async () => {
    const files = Array.from({ length: 12 }, (_, i) =>
      file(`set/${i % 2 ? 'cat' : 'dog'}/${i}.npy`, writeNpy(floats([4, 9, 9], (k) => k + i))),
    );
    const dataset = await loadFiles(files);
    expect(dataset).toMatchObject({ modality: 'multispectral', count: 12, sampleShape: [4, 9, 9] });
    expect(classesOf(dataset, 'folder')[1]).toBe('cat');
    expect(dataset.values[4 * 81]).toBe(1);
  });
});

describe('NPZ', () => {
  it('finds data, labels and split by the names of its arrays', async () => {
    const arrays: Record<string, NumpyArray> = {
      y_train: { shape: [5], data: Int32Array.of(0, 1, 2, 1, 0) },
      x_test: bytes([2, 8, 8]),
      x_train: bytes([5, 8, 8]),
      y_test: { shape: [2], data: Int32Array.of(2, 2) },
    };
    const dataset = await loadFiles([file('mnist.npz', writeNpz(arrays))]);
    expect(dataset).toMatchObject({ modality: 'image', count: 7, sampleShape: [1, 8, 8] });
    expect(classesOf(dataset)).toEqual(['0', '1', '2', '1', '0', '2', '2']);
    expect([...dataset.split!]).toEqual([TRAIN, TRAIN, TRAIN, TRAIN, TRAIN, TEST, TEST]);
  });

  it('reads labels that are text', async () => {
    const arrays = { data: floats([3, 4]), names: { shape: [3], data: ['a', 'bé', 'a'] } };
    const dataset = await loadFiles([file('set.npz', writeNpz(arrays))]);
    expect(classesOf(dataset, 'names')).toEqual(['a', 'bé', 'a']);
  });
});

describe('NumPy text', () => {
  it('takes numbers that are no characters for unknown ones', async () => {
    const points = Uint32Array.of(0x61, 0xffffffff, 0x62, 0);
    const names = rawNpy(`'<U2'`, [2], new Uint8Array(points.buffer));
    const files = [file('x.npy', writeNpy(floats([2, 4]))), file('names.npy', names)];
    expect(classesOf(await loadFiles(files), 'names')).toEqual(['a\uFFFD', 'b']);
  });
});

describe('IDX', () => {
  it('reads MNIST as it is published, packed and in four files', async () => {
    const files = [
      file('train-images-idx3-ubyte.gz', gzipSync(idx(8, [4, 8, 8], bytes([4, 8, 8]).data))),
      file('train-labels-idx1-ubyte.gz', gzipSync(idx(8, [4], Uint8Array.of(7, 0, 7, 1)))),
      file('t10k-images-idx3-ubyte.gz', gzipSync(idx(8, [2, 8, 8], bytes([2, 8, 8]).data))),
      file('t10k-labels-idx1-ubyte.gz', gzipSync(idx(8, [2], Uint8Array.of(1, 0)))),
    ];
    const dataset = await loadFiles(files);
    expect(dataset).toMatchObject({ modality: 'image', count: 6, sampleShape: [1, 8, 8] });
    expect(classesOf(dataset)).toEqual(['7', '0', '7', '1', '1', '0']);
    expect(dataset.values[5]).toBe((5 * 37) % 256);
    expect([...dataset.split!.subarray(3)]).toEqual([TRAIN, TEST, TEST]);
  });

  it('reads big-endian numbers', async () => {
    const view = new DataView(new ArrayBuffer(24));
    for (const [i, value] of [1.5, -2, 3, 0.25, 5, 6].entries()) view.setFloat32(i * 4, value);
    const dataset = await loadFiles([file('x.idx', idx(13, [3, 2], new Uint8Array(view.buffer)))]);
    expect([...dataset.values]).toEqual([1.5, -2, 3, 0.25, 5, 6]);
  });
});

describe('safetensors', () => {
  it('finds data and labels by the names of its tensors', async () => {
    const data = Float32Array.from({ length: 5 * 3 * 40 }, (_, i) => i / 7);
    const tensors = [
      { name: 'signal', shape: [5, 3, 40], dtype: 'F32' as const, data },
      {
        name: 'label',
        shape: [5],
        dtype: 'I64' as const,
        data: BigInt64Array.of(0n, 1n, 1n, 0n, 1n),
      },
    ];
    const dataset = await loadFiles([file('set.safetensors', writeSafetensors(tensors))]);
    expect(dataset).toMatchObject({ modality: 'time-series', count: 5, sampleShape: [3, 40] });
    expect(Array.from(dataset.values)).toEqual(Array.from(data));
    expect(classesOf(dataset)).toEqual(['0', '1', '1', '0', '1']);
  });
});

describe('layout', () => {
  it.each([
    [[100, 3, 3, 4], { minimum: 0, maximum: 255, isWhole: true }, 'multispectral', 'NHWC'],
    [[100, 13, 64, 64], { minimum: 0, maximum: 9000, isWhole: true }, 'multispectral', 'NCHW'],
    [[100, 32, 32, 3], { minimum: 0, maximum: 255, isWhole: true }, 'image', 'NHWC'],
    [[100, 3, 32, 32], { minimum: 0, maximum: 1, isWhole: false }, 'image', 'NCHW'],
    [[100, 28, 28], { minimum: 0, maximum: 255, isWhole: true }, 'image', 'NHW'],
    [[100, 26, 26], { minimum: 0, maximum: 2, isWhole: true }, 'wafer-map', 'NHW'],
    [[100, 52, 320], { minimum: -9, maximum: 9, isWhole: false }, 'time-series', 'NCS'],
    [[100, 320, 52], { minimum: -9, maximum: 9, isWhole: false }, 'time-series', 'NSC'],
    [[100, 28], { minimum: -9, maximum: 9, isWhole: false }, 'tabular', 'NF'],
    [[100, 8000], { minimum: -1, maximum: 1, isWhole: false }, 'sound', 'NS'],
  ])('of %s is guessed', (shape, facts, modality, axes) => {
    expect(guessLayout(shape, facts)).toMatchObject({ modality, axes });
  });

  it('puts axes into any order', () => {
    const values = Float32Array.from({ length: 2 * 3 * 4 * 5 }, (_, i) => i);
    const there = reorder(values, [2, 3, 4, 5], 'NHWC', 'NCHW');
    expect(there[1]).toBe(5);
    expect(there[3 * 4]).toBe(1);
    expect(reorder(there, [2, 5, 3, 4], 'NCHW', 'NHWC')).toEqual(values);
    expect([...reorder(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], 'FN', 'NF')]).toEqual([
      1, 4, 2, 5, 3, 6,
    ]);
  });

  it('can be chosen otherwise: windows of one long series, tiles of one scene, tokens', async () => {
    const log = file('log.npy', writeNpy(floats([100, 2], (i) => i)));
    const windows = await loadFiles([log], {
      modality: 'time-series',
      axes: 'SC',
      window: 10,
      stride: 5,
    });
    expect(windows).toMatchObject({ count: 19, sampleShape: [2, 10] });
    expect([...windows.values.subarray(20, 23)]).toEqual([10, 12, 14]);

    const scene = file('scene.npy', writeNpy(bytes([3, 20, 30], (i) => i % 251)));
    const tiles = await loadFiles([scene], {
      modality: 'multispectral',
      axes: 'CHW',
      tile: 8,
      stride: 8,
    });
    expect(tiles).toMatchObject({ count: 6, sampleShape: [3, 8, 8] });
    expect(tiles.values[3 * 64 + 64]).toBe((600 + 8) % 251);

    const ids = file('ids.npy', writeNpy({ shape: [2, 3], data: Int32Array.of(0, 4, 2, 1, 1, 0) }));
    const tokens = await loadFiles([ids], { modality: 'text' });
    expect(tokens).toMatchObject({
      modality: 'text',
      sampleShape: [3],
      alphabet: ['0', '1', '2', '3', '4'],
    });
  });

  it('is sampled for a preview, and estimated', async () => {
    const large = file('x.npy', writeNpy(bytes([1000, 8, 8])));
    const { sample, estimate } = await inspectFiles([large]);
    expect(sample!.count).toBe(12);
    expect(estimate).toEqual({ examples: 1000, bytes: 64_000, isExact: false });
    expect(await guessOf([large], 'axes')).toBe('NHW');
  });
});

describe('bad input', () => {
  const plain = rawNpy(`'<f4'`, [3, 2], new Uint8Array(24));
  it.each([
    ['objects', rawNpy(`'|O'`, [3], new Uint8Array(24)), /holds Python objects/],
    [
      'records',
      rawNpy(`[('a', '<f4'), ('b', '<i4')]`, [3], new Uint8Array(24)),
      /records of several fields/,
    ],
    ['complex numbers', rawNpy(`'<c8'`, [3], new Uint8Array(24)), /the type "c8"/],
    [
      'a header that promises more',
      rawNpy(`'<f4'`, [30, 2], new Uint8Array(24)),
      /makes 240 bytes; it holds 24/,
    ],
    [
      'a header that promises too much',
      rawNpy(`'<f8'`, [1e9, 1e9, 9], new Uint8Array(24)),
      /it holds 24/,
    ],
    ['a cut', plain.slice(0, 40), /would end beyond the file/],
    ['a single value', rawNpy(`'<f4'`, [], new Uint8Array(4)), /has the shape \(\)/],
    ['no values', rawNpy(`'<f4'`, [0, 4], new Uint8Array(0)), /has the shape \(0, 4\)/],
    ['text', rawNpy(`'<U2'`, [3, 1], new Uint8Array(24)), /holds text/],
    ['a film', rawNpy(`'|u1'`, [1, 2, 2, 2, 3], new Uint8Array(24)), /has 5 axes/],
    ['version 9', rawNpy(`'<f4'`, [3, 2], new Uint8Array(24), false, 9), /version 9/],
  ])('names the fault of %s', async (_, data, message) => {
    expect(await faultOf(loadFiles([file('a.npy', data)]))).toMatch(message);
  });

  it('names arrays that do not go together, and an IDX file that is cut', async () => {
    const files = [
      file('x_train.npy', writeNpy(floats([4, 3]))),
      file('x_test.npy', writeNpy(floats([4, 5]))),
    ];
    expect(await faultOf(loadFiles(files))).toMatch(
      /x_test.npy: has the shape 4 x 5, which does not go with 4 x 3/,
    );
    const cut = idx(8, [4, 8, 8], new Uint8Array(100));
    expect(await faultOf(loadFiles([file('a.idx', cut)]))).toMatch(/makes 256 bytes; it holds 100/);
    const packed = file('a-idx3-ubyte.gz', gzipSync(cut));
    expect(await faultOf(loadFiles([packed]))).toMatch(/makes 256 bytes; it holds 100/);
  });

  it('says which table beside the data is of no use', async () => {
    const dataset = await loadFiles([
      file('x.npy', writeNpy(floats([4, 3]))),
      file('prices.csv', 'when,price\n2020-01-01,4\n2020-01-02,5\n'),
    ]);
    expect(dataset.warnings.join()).toMatch(/"prices.csv" is not used/);
  });

  it('never fails but by a DataError, whatever byte is changed', async () => {
    const originals = [
      file('a.npy', plain),
      file(
        'a.npz',
        writeNpz({ x: floats([4, 3]), y: { shape: [4], data: Int32Array.of(0, 1, 0, 1) } }),
      ),
      file('a.idx', idx(8, [4, 4, 4], new Uint8Array(64))),
      file(
        'a.safetensors',
        writeSafetensors([{ name: 'x', shape: [2, 3], dtype: 'F32', data: new Float32Array(6) }]),
      ),
    ];
    const loaded = await Promise.all(
      originals.map(async ({ name, blob }) => ({
        name,
        data: new Uint8Array(await blob.arrayBuffer()),
      })),
    );
    await fc.assert(
      fc.asyncProperty(damaged(loaded), async ({ name, data }) => loadOrRefuse([file(name, data)])),
      fuzzRuns(1500),
    );
  });
});
