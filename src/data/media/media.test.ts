import fc from 'fast-check';
import { encode } from 'fast-png';
import { zipSync } from 'fflate';
import { writeArrayBuffer } from 'geotiff';
import { describe, expect, it } from 'vitest';
import { TEST } from '../dataset';
import { damaged, fuzzRuns } from '../fuzz.testing';
import { inspectFiles, loadFiles } from '../load';
import type { Reading } from '../reading';
import { classesOf, faultOf, file, guessOf, loadOrRefuse } from '../testing';
import { decodePng } from './png';
import { resampleSound } from './resample';
import { decodeWav } from './wav';

/** A PNG whose value at channel c, row y, column x is f(c, y, x). */
function png(
  width: number,
  height: number,
  channels: number,
  f: (c: number, y: number, x: number) => number,
  depth: 8 | 16 = 8,
) {
  const data = new (depth === 16 ? Uint16Array : Uint8Array)(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    data[i] = f(i % channels, Math.floor(pixel / width), pixel % width);
  }
  return encode({ width, height, channels, depth, data });
}

/** A WAV file: 44 bytes of header, then samples as they are written. */
function wav(
  samples: number[],
  options: { rate?: number; channels?: number; code?: number; bits?: number } = {},
) {
  const { rate = 8000, channels = 1, code = 1, bits = 16 } = options;
  const width = bits / 8;
  const view = new DataView(new ArrayBuffer(44 + samples.length * width));
  const text = (at: number, value: string) => {
    for (let i = 0; i < value.length; i++) view.setUint8(at + i, value.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, view.byteLength - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, code, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * width, true);
  view.setUint16(32, channels * width, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, samples.length * width, true);
  samples.forEach((value, i) => {
    const at = 44 + i * width;
    if (code === 3 && bits === 32) view.setFloat32(at, value, true);
    else if (code === 3) view.setFloat64(at, value, true);
    else if (bits === 8) view.setUint8(at, Math.round(value * 127) + 128);
    else if (bits === 16) view.setInt16(at, Math.round(value * 32767), true);
    else if (bits === 24) {
      const whole = Math.round(value * 8388607);
      view.setUint16(at, whole & 0xffff, true);
      view.setInt8(at + 2, whole >> 16);
    } else view.setInt32(at, Math.round(value * 2147483647), true);
  });
  return new Uint8Array(view.buffer);
}

/** An uncompressed TIFF `[bands][height][width]` of bytes. */
const tiff = (
  bands: number,
  height: number,
  width: number,
  f: (b: number, y: number, x: number) => number,
) => {
  const values: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let b = 0; b < bands; b++) values.push(f(b, y, x));
  return new Uint8Array(
    writeArrayBuffer(Uint8Array.from(values), {
      height,
      width,
      SamplesPerPixel: bands,
      BitsPerSample: new Array(bands).fill(8),
      PlanarConfiguration: 1,
      PhotometricInterpretation: 1,
    } as never),
  );
};

const tone = (length: number, frequency = 440, rate = 8000) =>
  Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * frequency * i) / rate));

describe('pictures', () => {
  it('are read from class folders of a split, in a zip', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 12; i++) {
      files[`${i < 8 ? 'train' : 'test'}/${i % 2 ? 'cat' : 'dog'}/p_${i}.png`] = png(
        9,
        7,
        3,
        (c, y, x) => 60 * c + 8 * y + x + i,
      );
    }
    const dataset = await loadFiles([file('pets.zip', zipSync(files))]);
    expect(dataset).toMatchObject({
      modality: 'image',
      count: 12,
      sampleShape: [3, 7, 9],
      name: 'pets.zip',
    });
    expect(classesOf(dataset).slice(0, 2)).toEqual(['dog', 'cat']);
    expect(dataset.split!.filter((part) => part === TEST).length).toBe(4);
    // Channel 2, row 3, column 4 of picture 1.
    expect(dataset.values[189 + 2 * 63 + 3 * 9 + 4]).toBe(120 + 24 + 4 + 1);
  });

  it('take labels and split from a table in the archive', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 10; i++) files[`images/${i}.png`] = png(8, 8, 1, () => i);
    const rows = Array.from(
      { length: 10 },
      (_, i) => `${i}.png,${i < 7 ? 'train' : 'test'},${i % 2 ? 'odd' : 'even'},picture ${i}`,
    );
    files['captions.csv'] = new TextEncoder().encode(
      `file,split,category,caption\n${rows.join('\n')}\n`,
    );
    const dataset = await loadFiles([file('set.zip', zipSync(files))], { words: '' });
    expect(dataset.labels.map(({ name }) => name)).toEqual(['category']);
    expect(classesOf(dataset)[3]).toBe('odd');
    expect(dataset.split![9]).toBe(TEST);
    expect(dataset.sampleShape).toEqual([1, 8, 8]);
  });

  it('of mixed sizes and colours are fitted to one', async () => {
    const files = [
      file(
        'a.png',
        png(300, 200, 3, () => 100),
      ),
      file(
        'b.png',
        png(120, 180, 1, () => 50),
      ),
      file(
        'c.png',
        png(1, 1, 4, (c) => (c === 3 ? 0 : 9)),
      ),
    ];
    const dataset = await loadFiles(files);
    expect(dataset.sampleShape).toEqual([3, 32, 32]);
    expect(dataset.values[0]).toBe(100);
    expect(dataset.values[3 * 1024 + 2048]).toBe(50);
    // What is transparent is white.
    expect(dataset.values[2 * 3 * 1024]).toBe(255);
    const grey = await loadFiles(files, { colour: 'grey', width: 16, height: 8, shape: 'stretch' });
    expect(grey.sampleShape).toEqual([1, 8, 16]);
  });

  it('are reduced by averaging', async () => {
    const halves = png(64, 64, 1, (_, __, x) => (x < 32 ? 0 : 200));
    const dataset = await loadFiles([file('a.png', halves)], {
      width: 2,
      height: 1,
      shape: 'stretch',
    });
    expect(dataset.values[0]).toBeLessThan(40);
    expect(dataset.values[1]).toBeGreaterThan(160);
  });

  it('keep sixteen bits', async () => {
    const dataset = await loadFiles([
      file(
        'a.png',
        png(4, 4, 1, (_, y, x) => 10_000 * y + x, 16),
      ),
    ]);
    expect(dataset.values).toBeInstanceOf(Uint16Array);
    expect(dataset.values[6]).toBe(10_002);
  });

  it('give back what was encoded, whatever their channels and depth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(1, 3),
        fc.constantFrom<8 | 16>(8, 16),
        fc.nat(255),
        (width, height, channels, depth, seed) => {
          const f = (c: number, y: number, x: number) => (seed + 31 * c + 7 * y + 3 * x) % 256;
          const picture = decodePng(png(width, height, channels, f, depth));
          expect(picture).toMatchObject({ width, height, channels });
          picture.planes.forEach((value, i) => {
            const [c, p] = [Math.floor(i / (width * height)), i % (width * height)];
            expect(value).toBe(f(c, Math.floor(p / width), p % width));
          });
        },
      ),
    );
  });

  it('read palettes and grey of few bits', () => {
    const palette = [
      [255, 0, 0],
      [0, 0, 255],
    ];
    const indexed = encode({
      width: 3,
      height: 1,
      channels: 1,
      depth: 8,
      data: Uint8Array.of(0, 1, 0),
      palette,
    });
    expect([...decodePng(indexed).planes]).toEqual([255, 0, 255, 0, 0, 0, 0, 255, 0]);
    const bits = encode({
      width: 3,
      height: 2,
      channels: 1,
      depth: 1,
      data: Uint8Array.of(0b10100000, 0b01000000),
    });
    expect([...decodePng(bits).planes]).toEqual([255, 0, 255, 0, 255, 0]);
  });

  it('that are damaged are left out and named, or stop the reading', async () => {
    const good = png(8, 8, 3, () => 7);
    const files = [
      file('a.png', good),
      file('b.png', good.slice(0, 60)),
      file('c.png', good),
      file('d.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0)),
    ];
    const dataset = await loadFiles(files);
    expect(dataset.count).toBe(2);
    expect(dataset.warnings.join()).toMatch(
      /2 of 4 files are left out: b.png cannot be decoded as PNG .*d.jpg is JPEG, which only a browser can decode/,
    );
    expect(await faultOf(loadFiles(files, { damaged: 'stop' }))).toMatch(
      /b.png: cannot be decoded as PNG/,
    );
    expect(await faultOf(loadFiles([files[1]!]))).toMatch(/b.png: cannot be decoded/);
  });

  it('that lie about their size are refused', async () => {
    const huge = png(8, 8, 1, () => 0);
    new DataView(huge.buffer, huge.byteOffset).setUint32(16, 1 << 20);
    new DataView(huge.buffer, huge.byteOffset).setUint32(20, 1 << 20);
    expect(await faultOf(loadFiles([file('a.png', huge)]))).toMatch(/1048576 x 1048576 pixels/);
    const small = png(400, 400, 3, (c, y, x) => (c * 7919 + y * 104729 + x * 1299709) >> 3);
    new DataView(small.buffer, small.byteOffset).setUint32(16, 1);
    expect(await faultOf(loadFiles([file('a.png', small)]))).toMatch(
      /a.png: cannot be decoded as PNG/,
    );
  });
});

describe('sound', () => {
  it.each([
    [{ bits: 8 }, 2],
    [{ bits: 16 }, 4],
    [{ bits: 24 }, 6],
    [{ bits: 32 }, 6],
    [{ bits: 32, code: 3 }, 6],
    [{ bits: 64, code: 3 }, 6],
  ])('of %o gives back what was written', (options, digits) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (samples) => {
          const { channels, sampleRate } = decodeWav(wav(samples, options), 'a.wav');
          expect(sampleRate).toBe(8000);
          samples.forEach((value, i) => {
            expect(channels[0]![i]! / (options.bits === 8 ? 127 / 128 : 1)).toBeCloseTo(
              value,
              digits,
            );
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of telephones is expanded', () => {
    // G.711: the loudest codes, silence, and a middle one.
    const mu = wav([0, 0, 0], { code: 7, bits: 8 });
    mu.set([0x80, 0xff, 0x9f], 44);
    expect([...decodeWav(mu, 'a').channels[0]!].map((v) => Math.round(v * 32768))).toEqual([
      32124, 0, 8316,
    ]);
    const a = wav([0, 0], { code: 6, bits: 8 });
    a.set([0xaa, 0xd5], 44);
    expect([...decodeWav(a, 'a').channels[0]!].map((v) => Math.round(v * 32768))).toEqual([
      32256, 8,
    ]);
  });

  it('is read from a zip, labels from folders and the table beside it', async () => {
    const files: Record<string, Uint8Array> = {};
    const rows: string[] = [];
    for (let i = 0; i < 20; i++) {
      const part = i % 4 === 0 ? 'test' : 'train';
      const name = `${i % 2}_${'ab'[i >> 4]}_${i}.wav`;
      files[`${part}/${i % 2}/${name}`] = wav(tone(400 + i));
      rows.push(`${part},${name},${i % 2},speaker ${i >> 4},${i / 100}`);
    }
    const dataset = await loadFiles([
      file('digits/digits.zip', zipSync(files)),
      file('digits/index.csv', `split,file,label,speaker,seconds\n${rows.join('\n')}\n`),
      file('digits/README.md', 'Digits'),
    ]);
    expect(dataset).toMatchObject({
      modality: 'sound',
      count: 20,
      sampleRate: 8000,
      name: 'digits',
    });
    expect(dataset.labels.map(({ name }) => name)).toEqual(['label', 'speaker']);
    expect(dataset.split!.filter((part) => part === TEST).length).toBe(5);
    expect(dataset.lengths![0]).toBeGreaterThanOrEqual(400);
    const alone = await loadFiles([file('digits.zip', zipSync(files))]);
    expect(alone.labels[0]!.name).toBe('folder');
    expect(await guessOf([file('digits.zip', zipSync(files))], 'labels')).toEqual(['folder']);
  });

  it('takes classes from names where there are no folders', async () => {
    const files = Array.from({ length: 20 }, (_, i) =>
      file(`${'ab'[i % 2]}_${i}.wav`, wav(tone(50))),
    );
    expect(classesOf(await loadFiles(files))[1]).toBe('b');
  });

  it('of several rates and channels becomes one', async () => {
    const stereo = tone(800, 500, 16_000).flatMap((value) => [value, -value]);
    const dataset = await loadFiles([
      file('a.wav', wav(tone(4000, 500))),
      file('b.wav', wav(tone(8000, 500, 16_000), { rate: 16_000 })),
      file('c.wav', wav(stereo, { rate: 16_000, channels: 2 })),
    ]);
    expect(dataset.sampleRate).toBe(8000);
    const [length] = dataset.sampleShape as [number];
    expect([...dataset.lengths!]).toEqual([4000, 4000, 400]);
    for (let i = 100; i < 3900; i += 37) {
      expect(dataset.values[length + i]).toBeCloseTo(dataset.values[i]!, 2);
    }
    // Left and right cancel each other.
    expect(dataset.values[2 * length + 200]).toBeCloseTo(0, 3);
  });

  it('that is long is cut into pieces that stay together', async () => {
    const dataset = await loadFiles(
      [file('a.wav', wav(tone(40_000))), file('b.wav', wav(tone(40_000)))],
      {
        duration: 1000,
      },
    );
    expect(dataset.count).toBe(10);
    expect([...dataset.groups!.values]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });

  it('of other kinds goes through the decoder that is handed in', async () => {
    const flac = file('a.flac', new TextEncoder().encode('fLaC and more of it'));
    const decodeSound: Reading['decodeSound'] = async (_, __, sampleRate) => ({
      channels: [Float32Array.from(tone(sampleRate / 10, 440, sampleRate))],
      sampleRate,
    });
    const dataset = await loadFiles([flac], {}, { decodeSound });
    expect(dataset).toMatchObject({ sampleRate: 16_000, sampleShape: [1600] });
    expect(await faultOf(loadFiles([flac]))).toMatch(/needs the sound decoder of a browser/);
    const failing = { decodeSound: () => Promise.reject(new Error('unknown codec')) };
    expect(await faultOf(loadFiles([flac], {}, failing))).toMatch(
      /a.flac: cannot be decoded by this browser \(unknown codec\)/,
    );
  });

  it('keeps a tone below half of the new rate and removes one above', () => {
    const power = (samples: Float32Array) =>
      samples.slice(200, -200).reduce((sum, value) => sum + value * value, 0) /
      (samples.length - 400);
    const low = resampleSound(Float32Array.from(tone(16_000, 1000, 16_000)), 16_000, 8000);
    const high = resampleSound(Float32Array.from(tone(16_000, 6000, 16_000)), 16_000, 8000);
    expect(power(low)).toBeCloseTo(0.125, 2);
    expect(power(high)).toBeLessThan(1e-4);
  });

  it.each([
    ['no samples', wav([]), /holds no samples of sound/],
    [
      'a header that promises more',
      wav(tone(100)).slice(0, 100),
      /header says 200 bytes of sound, it holds 56/,
    ],
    [
      'a cut header',
      wav(tone(100)).slice(0, 30),
      /is cut off before its sound begins|holds no sound/,
    ],
    ['an unknown code', wav(tone(10), { code: 85 }), /code 85, 16 bits/],
    ['no channels', wav(tone(10), { channels: 0 }), /0 channels/],
  ])('with %s is refused', async (_, data, message) => {
    expect(await faultOf(loadFiles([file('a.wav', data)]))).toMatch(message);
  });
});

describe('TIFF', () => {
  const f = (b: number, y: number, x: number) => (50 * b + 3 * y + x) % 256;

  it('scenes are cut into tiles', async () => {
    const dataset = await loadFiles([file('scene.tif', tiff(5, 40, 48, f))], {
      tile: 16,
      stride: 16,
    });
    expect(dataset).toMatchObject({
      modality: 'multispectral',
      count: 6,
      sampleShape: [5, 16, 16],
    });
    expect(dataset.features![4]).toBe('band 5');
    // Tile 4 begins at row 16, column 16; band 2, row 3, column 5 of it.
    expect(dataset.values[4 * 1280 + 2 * 256 + 3 * 16 + 5]).toBe(f(2, 19, 21));
    const { estimate } = await inspectFiles([file('scene.tif', tiff(5, 256, 256, f))], {
      tile: 16,
      stride: 16,
    });
    expect(estimate).toMatchObject({ examples: 256 });
  });

  it('small ones in class folders are examples', async () => {
    const files = Array.from({ length: 10 }, (_, i) =>
      file(
        `eurosat/${i % 2 ? 'Forest' : 'River'}/${i}.tif`,
        tiff(13, 8, 8, (b, y, x) => f(b, y, x) % 200),
      ),
    );
    const dataset = await loadFiles(files);
    expect(dataset).toMatchObject({
      modality: 'multispectral',
      count: 10,
      sampleShape: [13, 8, 8],
    });
    expect(classesOf(dataset)[1]).toBe('Forest');
    expect(dataset.values[64 * 3 + 9]).toBe(f(3, 1, 1));
  });

  it('bands that differ, tiles that are too large and cuts are named', async () => {
    const files = [file('a.tif', tiff(4, 20, 20, f)), file('b.tif', tiff(5, 20, 20, f))];
    expect(await faultOf(loadFiles(files))).toMatch(/b.tif: has 5 bands, the first file has 4/);
    expect(await faultOf(loadFiles([files[0]!], { tile: 64 }))).toMatch(/gives no tile of 64 x 64/);
    const whole = tiff(4, 20, 20, f);
    expect(await faultOf(loadFiles([file('a.tif', whole.slice(0, 300))]))).toMatch(
      /a.tif: cannot be read as TIFF|holds less/,
    );
  });
});

describe('bad input', () => {
  it('never ends but in a DataError, whatever byte is changed', async () => {
    const originals = [
      { name: 'a.png', data: png(6, 5, 3, (c, y, x) => 40 * c + 9 * y + x) },
      { name: 'a.wav', data: wav(tone(60)) },
      { name: 'a.tif', data: tiff(4, 6, 6, (b, y, x) => 40 * b + 6 * y + x) },
      {
        name: 'a.zip',
        data: zipSync({ 'a/x.png': png(6, 5, 3, () => 9), 'b/y.png': png(6, 5, 1, () => 8) }),
      },
    ];
    await fc.assert(
      fc.asyncProperty(damaged(originals), async ({ name, data }) =>
        loadOrRefuse([file(name, data)]),
      ),
      fuzzRuns(1000),
    );
  });
});
