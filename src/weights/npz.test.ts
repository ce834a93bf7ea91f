// NPY and NPZ: golden bytes, and NumPy itself as the reader where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { writeNpy, writeNpz } from './npz';

describe('writeNpy', () => {
  it('writes magic, version, aligned header and little-endian values', () => {
    const bytes = writeNpy({ shape: [2, 1], data: Float32Array.of(1, -2) });
    expect(Array.from(bytes.subarray(0, 10))).toEqual([0x93, 78, 85, 77, 80, 89, 1, 0, 118, 0]);
    const header = new TextDecoder().decode(bytes.subarray(10, 128));
    expect(header.trimEnd()).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }");
    expect(header.endsWith('\n')).toBe(true);
    expect(Array.from(bytes.subarray(128))).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it.each([0, 1, 2, 7, 30])('begins the values at a multiple of 64 bytes, %i axes', (axes) => {
    const bytes = writeNpy({ shape: Array(axes).fill(1), data: Uint8Array.of(7) });
    expect((bytes.length - 1) % 64).toBe(0);
    expect(bytes.at(-1)).toBe(7);
    expect(new TextDecoder().decode(bytes.subarray(10, -1)).indexOf('\n')).toBe(bytes.length - 12);
  });

  it('refuses data that do not fill the shape', () => {
    expect(() => writeNpy({ shape: [3], data: Float32Array.of(1) })).toThrow(RangeError);
  });
});

describe('writeNpz', () => {
  it('gives the same bytes for the same arrays', () => {
    const arrays = { a: { shape: [1], data: ['x'] } };
    expect(writeNpz(arrays)).toEqual(writeNpz(arrays));
    expect(Object.keys(unzipSync(writeNpz(arrays)))).toEqual(['a.npy']);
  });
});

const numpy = spawnSync('/usr/bin/python3', ['-c', 'import numpy']).status === 0;

describe.runIf(numpy)('NumPy', () => {
  it('reads every kind of array', () => {
    const folder = mkdtempSync(join(tmpdir(), 'npz-'));
    try {
      const path = join(folder, 'x.npz');
      writeFileSync(
        path,
        writeNpz({
          single: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
          double: { shape: [1], data: Float64Array.of(0.1) },
          whole: { shape: [3], data: Int32Array.of(-1, 0, 1) },
          long: { shape: [], data: BigInt64Array.of(-9007199254740993n) },
          bytes: { shape: [0, 2], data: new Uint8Array(0) },
          text: { shape: [3], data: ['', 'café', '日本\u{1f600}'] },
        }),
      );
      const script =
        'import numpy,sys,json\nz=numpy.load(sys.argv[1],allow_pickle=False)\n' +
        'print(json.dumps({k:[str(z[k].dtype),list(z[k].shape),z[k].tolist()] for k in z.files}))';
      const run = spawnSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' });
      expect(run.stderr).toBe('');
      expect(JSON.parse(run.stdout.replace('-9007199254740993', '"-9007199254740993"'))).toEqual({
        single: [
          'float32',
          [2, 2],
          [
            [1, 2],
            [3, 4],
          ],
        ],
        double: ['float64', [1], [0.1]],
        whole: ['int32', [3], [-1, 0, 1]],
        long: ['int64', [], '-9007199254740993'],
        bytes: ['uint8', [0, 2], []],
        text: ['<U4', [3], ['', 'café', '日本\u{1f600}']],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
