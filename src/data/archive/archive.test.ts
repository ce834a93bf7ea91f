import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { damaged, fuzzRuns, readOrRefuse } from '../fuzz.testing';
import { type Source, sourceOf } from '../source';
import { faultOf } from '../testing';
import { expand } from './expand';

const bytes = (text: string) => new TextEncoder().encode(text);
const open = (data: Uint8Array, name = 'a.zip') =>
  expand([sourceOf({ name, blob: new Blob([Uint8Array.from(data)]) })], {});
/** Bytes that hardly compress. */
const noise = (length: number) => {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 24;
  });
};
const textOf = async (source: Source) => new TextDecoder().decode(await source.bytes());
const everything = async (sources: Promise<Source[]>) =>
  Promise.all((await sources).map((source) => source.bytes()));

/** A ustar archive of files. */
function tar(files: Record<string, Uint8Array>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, data]) => {
    const header = new Uint8Array(512);
    header.set(bytes(name));
    header.set(bytes(data.length.toString(8).padStart(11, '0')), 124);
    header.set(bytes('0'), 156);
    header.set(bytes('ustar\x0000'), 257);
    const padded = new Uint8Array(Math.ceil(data.length / 512) * 512);
    padded.set(data);
    return [header, padded];
  });
  return Uint8Array.from([...blocks, new Uint8Array(1024)].flatMap((block) => [...block]));
}

const contents = fc.dictionary(
  fc.stringMatching(/^[a-zé]{1,8}(\/[a-z]{1,8}){0,2}\.bin$/),
  fc.uint8Array({ maxLength: 5000 }),
  { minKeys: 1, maxKeys: 8 },
);

describe('archives', () => {
  it('give back what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.constantFrom(0, 6, 9), async (files, level) => {
        const found = await open(zipSync(files, { level: level as 0 | 6 | 9 }));
        expect(found.map(({ path }) => path)).toEqual(Object.keys(files).map((n) => `a.zip/${n}`));
        for (const [i, data] of Object.values(files).entries()) {
          expect(await found[i]!.bytes()).toEqual(data);
          expect(await found[i]!.slice(3, 10)).toEqual(data.slice(3, 10));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('open gzip, several members in a row, tar in gzip and zip in zip', async () => {
    const twice = Uint8Array.from([...gzipSync(bytes('one ')), ...gzipSync(bytes('two'))]);
    const [plain] = await open(twice, 'reads.fasta.gz');
    expect(plain!.path).toBe('reads.fasta');
    expect(await textOf(plain!)).toBe('one two');
    const packed = gzipSync(tar({ 'a/x.txt': bytes('hello'), 'y.txt': new Uint8Array(700) }));
    const files = await open(packed, 'set.tgz');
    expect(files.map(({ path }) => path)).toEqual(['set.tar/a/x.txt', 'set.tar/y.txt']);
    expect(await textOf(files[0]!)).toBe('hello');
    const nested = await open(zipSync({ 'in.zip': zipSync({ 'x.txt': bytes('deep') }) }));
    expect(nested[0]!.path).toBe('a.zip/in.zip/x.txt');
    expect(await textOf(nested[0]!)).toBe('deep');
  });

  it('read large entries in pieces', async () => {
    const data = noise(3_000_000);
    const [entry] = await open(zipSync({ 'x.bin': data }));
    let pieces = 0;
    for await (const chunk of entry!.chunks()) pieces += chunk.length > 0 ? 1 : 0;
    expect(pieces).toBeGreaterThan(1);
    expect(await entry!.slice(2_000_000, 2_000_005)).toEqual(data.slice(2_000_000, 2_000_005));
  });
});

describe('hostile archives', () => {
  it('refuse bombs before they go off', async () => {
    const zeros = new Uint8Array(66 << 20);
    expect(await faultOf(open(zipSync({ 'x.csv': zeros }, { level: 9 })))).toMatch(/500 times/);
    const [inside] = await open(gzipSync(zeros, { level: 9 }), 'x.csv.gz');
    expect(await faultOf(inside!.bytes())).toMatch(/x.csv.gz: unpacks to more than 500 times/);
  });

  it('refuse an entry that is larger than it says', async () => {
    const data = zipSync({ 'x.bin': new Uint8Array(50_000) });
    const view = new DataView(data.buffer);
    for (let at = 0; at < data.length - 4; at++) {
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 10, true);
    }
    expect(await faultOf(everything(open(data)))).toMatch(/its size is not the one stated/);
  });

  it.each(['../../etc/passwd', '/etc/passwd', 'C:\\x', 'a/../../b'])(
    'refuse the path %s',
    async (name) => {
      expect(await faultOf(open(zipSync({ [name]: bytes('x') })))).toMatch(
        /leads out of the archive/,
      );
      if (!name.startsWith('C')) {
        expect(await faultOf(open(tar({ [name]: bytes('x') }), 'a.tar'))).toMatch(/leads out/);
      }
    },
  );

  it('say that an entry is encrypted, or packed in another way', async () => {
    const data = zipSync({ 'x.bin': bytes('hello hello hello') });
    const view = new DataView(data.buffer);
    const at = data.findIndex(
      (_, i) => i < data.length - 4 && view.getUint32(i, true) === 0x02014b50,
    );
    view.setUint16(at + 8, 1, true);
    expect(await faultOf(open(data))).toMatch(/"x.bin" is encrypted/);
    view.setUint16(at + 8, 0, true);
    view.setUint16(at + 10, 12, true);
    expect(await faultOf(open(data))).toMatch(/packed with bzip2/);
  });

  it('notice a wrong checksum and a cut', async () => {
    const data = zipSync({ 'x.bin': bytes('hello hello hello') }, { level: 0 });
    data[40]! ^= 1;
    expect(await faultOf(everything(open(data)))).toMatch(/checksum does not match/);
    expect(await faultOf(open(data.slice(0, -8)))).toMatch(/directory at the end .* is missing/);
    const packed = gzipSync(noise(9000));
    const [cut] = await open(packed.slice(0, 3000), 'x.gz');
    expect(await faultOf(cut!.bytes())).toMatch(/damaged or cut off/);
    expect(await faultOf(open(tar({ x: new Uint8Array(2000) }).slice(0, 1000), 'x.tar'))).toMatch(
      /cut off at byte 0/,
    );
  });

  it('never fail but by a DataError, whatever byte is changed', async () => {
    const original = zipSync({ 'a.txt': bytes('hello hello hello'), 'b/c.txt': bytes('world') });
    const zipped = gzipSync(tar({ 'a.txt': bytes('hello') }));
    await fc.assert(
      fc.asyncProperty(
        damaged([
          { data: original, name: 'a.zip' },
          { data: zipped, name: 'a.tgz' },
        ]),
        async ({ data, name }) => {
          await readOrRefuse(name.slice(1), () => everything(open(data, name)));
        },
      ),
      fuzzRuns(1000),
    );
  });

  it('send office documents back', async () => {
    expect(await faultOf(open(zipSync({ x: bytes('x') }), 'a.xlsx'))).toMatch(
      /Save the table as CSV/,
    );
  });
});
