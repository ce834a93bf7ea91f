// safetensors: golden bytes, round trips, an independent reader, and hostile files that must be refused by name.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError } from '../data/dataset';
import { fuzzRuns, readOrRefuse } from '../data/fuzz.testing';
import { readSafetensors, type WritableTensor, writeSafetensors } from './safetensors';

const text = (value: string) => new TextEncoder().encode(value);

/** A file with this header text and these data bytes; `announced` overrides the header length. */
function file(header: string | Uint8Array, data: number[] = [], announced?: bigint): Uint8Array {
  const head = typeof header === 'string' ? text(header) : header;
  const bytes = new Uint8Array(8 + head.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(data, 8 + head.length);
  return bytes;
}

const entry = (dtype: string, shape: unknown, offsets: unknown) =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

describe('writing', () => {
  it('gives the bytes that the format prescribes', () => {
    const bytes = writeSafetensors(
      [
        { name: 'a', shape: [2], dtype: 'F32', data: Float32Array.of(1, -2) },
        { name: 'n', shape: [], dtype: 'I64', data: BigInt64Array.of(3n) },
      ],
      { recipe: '{"steps":7}' },
    );
    const header =
      '{"__metadata__":{"recipe":"{\\"steps\\":7}"},' +
      '"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
    const values = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0];
    expect(Array.from(bytes)).toEqual(Array.from(file(padded, values)));
  });

  it('sorts by alignment, then by name in code-point order, whatever the order given', () => {
    const names = ['10', '9', 'z', '\u{1f600}', '\uff5e'];
    const tensors: WritableTensor[] = names.map((name) => ({
      name,
      shape: [1],
      dtype: 'F32',
      data: Float32Array.of(0),
    }));
    tensors.unshift({ name: 'a', shape: [1], dtype: 'U8', data: Uint8Array.of(1) });
    const back = readSafetensors(writeSafetensors(tensors), 'x');
    expect(back.tensors.map((t) => t.name)).toEqual(['10', '9', 'z', '\uff5e', '\u{1f600}', 'a']);
  });

  it('refuses what no reader could take back', () => {
    const one = { shape: [1], dtype: 'F32', data: Float32Array.of(1) } as const;
    const tensor = (name: string, shape = [1]): WritableTensor => ({ ...one, name, shape });
    expect(() => writeSafetensors([tensor('a'), tensor('a')])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('__metadata__')])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('a', [2])])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('a', [0.5, 2])])).toThrow(RangeError);
    expect(() => writeSafetensors([tensor('\ud800')])).toThrow(RangeError);
  });
});

describe('reading', () => {
  it('widens half precision exactly', () => {
    const bits = [0x00, 0x3c, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xfc, 0x55, 0x35];
    const half = readSafetensors(file(`{"h":${entry('F16', [5], [0, 10])}}`, bits), 'x').tensors;
    expect(half[0]!.data).toEqual(
      Float32Array.of(1, 2 ** -24, 65504, Number.NEGATIVE_INFINITY, 0.333251953125),
    );
    const brain = [0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f, 0x00, 0x80];
    const wide = readSafetensors(file(`{"b":${entry('BF16', [4], [0, 8])}}`, brain), 'x').tensors;
    expect(wide[0]!.data).toEqual(Float32Array.of(1, -3.140625, Number.POSITIVE_INFINITY, -0));
  });

  it('takes files of other writers: any order, unaligned data, no metadata, empty tensors', () => {
    const header = `{"b":${entry('F32', [1], [1, 5])},"a":${entry('U8', [1], [0, 1])},"e":${entry('F32', [0, 3], [5, 5])}}`;
    const { tensors, metadata } = readSafetensors(file(header, [9, 0, 0, 0x80, 0x3f]), 'x');
    expect(tensors.map((t) => [t.name, Array.from(t.data as Float32Array)])).toEqual([
      ['a', [9]],
      ['b', [1]],
      ['e', []],
    ]);
    expect(metadata).toEqual({});
  });

  it('copies tensors out of a view on a larger buffer, whatever its class', () => {
    const content = file(`{"a":${entry('F32', [1], [0, 4])}}`, [0, 0, 0x80, 0x3f]);
    const large = Buffer.concat([Buffer.alloc(3, 7), content, Buffer.alloc(5, 7)]);
    const view = large.subarray(3, 3 + content.length);
    const { data } = readSafetensors(view, 'x').tensors[0]!;
    large.fill(0);
    expect(data).toEqual(Float32Array.of(1));
  });

  const f32 = entry('F32', [1], [0, 4]);
  const four = [0, 0, 0, 0];
  const hostile: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /too few/],
    ['a header longer than the limit', file('{}', [], 100_000_001n), /announce a header/],
    ['a header length of 2⁶⁴-1', file('{}', [], 0xffffffffffffffffn), /announce a header/],
    ['a header longer than the file', file('{}', [], 3n), /should end at byte 11/],
    ['an empty header', file(''), /does not begin/],
    ['a header that is an array', file('[]'), /does not begin/],
    ['a header after a space', file(' {}'), /does not begin/],
    ['a header after a byte order mark', file('\ufeff{}'), /does not begin/],
    ['a header that is no JSON', file('{"a":}'), /not valid JSON/],
    ['a header that is no UTF-8', file(Uint8Array.of(0x7b, 0xff, 0x7d)), /not valid UTF-8/],
    ['a tensor given twice', file(`{"a":${f32},"a":${f32}}`, four), /"a" is given twice/],
    ['twice by an escape', file(`{"a":${f32},"\\u0061":${f32}}`, four), /"a" is given twice/],
    ['offsets given twice', file(`{"a":{"dtype":"F32","dtype":"F32"}}`), /"dtype" is given twice/],
    ['metadata that is no object', file('{"__metadata__":[]}'), /__metadata__ is no/],
    ['metadata that is no text', file('{"__metadata__":{"a":1}}'), /no text for "a"/],
    ['a tensor without an object', file('{"a":3}'), /"a" has no JSON object/],
    ['an unknown dtype', file(`{"a":${entry('F8_E4M3', [1], [0, 1])}}`, [0]), /dtype.*F8_E4M3/],
    ['a dtype of a prototype', file(`{"a":${entry('toString', [1], [0, 1])}}`, [0]), /dtype/],
    ['a dtype that resists printing', file('{"a":{"dtype":{"toString":1}}}'), /dtype/],
    ['a negative extent', file(`{"a":${entry('F32', [-1], [0, 4])}}`, four), /shape/],
    ['a fractional extent', file(`{"a":${entry('F32', [0.5], [0, 4])}}`, four), /shape/],
    ['an extent beyond counting', file(`{"a":${entry('F32', [1e300], [0, 4])}}`, four), /shape/],
    [
      'a product beyond counting',
      file(`{"a":${entry('F32', [2 ** 40, 2 ** 40], [0, 4])}}`, four),
      /needs/,
    ],
    ['one offset', file(`{"a":${entry('F32', [1], [0])}}`, four), /data_offsets/],
    ['offsets that are text', file(`{"a":${entry('F32', [1], ['0', '4'])}}`, four), /data_offsets/],
    ['offsets in reverse', file(`{"a":${entry('F32', [1], [4, 0])}}`, four), /bytes 4 to 0/],
    ['offsets out of range', file(`{"a":${entry('F32', [2], [0, 8])}}`, four), /bytes 0 to 8/],
    [
      'too few bytes for the shape',
      file(`{"a":${entry('F32', [2], [0, 4])}}`, four),
      /needs 8 bytes/,
    ],
    ['an overlap', file(`{"a":${f32},"b":${f32}}`, four), /overlap/],
    [
      'a hole',
      file(`{"a":${f32},"b":${entry('F32', [1], [5, 9])}}`, [...four, 1, ...four]),
      /a hole/,
    ],
    ['data that no tensor owns', file(`{"a":${f32}}`, [...four, 1]), /describes 4 bytes.*holds 5/],
    ['half a surrogate pair as a name', file(`{"\\ud800":${f32}}`, four), /valid Unicode/],
  ];
  it.each(hostile)('refuses %s', (_, bytes, fault) => {
    let error: unknown;
    try {
      readSafetensors(bytes, 'theirs.safetensors');
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(/^theirs\.safetensors: /);
    expect((error as DataError).fault).toMatch(fault);
    expect((error as DataError).remedy).not.toBe('');
  });

  it('survives a deeply nested header', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(() => readSafetensors(file(deep), 'x')).toThrow(DataError);
  });
});

const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 3 });
const values = shape.chain((extents) => {
  const length = extents.reduce((a, b) => a * b, 1);
  const size = { minLength: length, maxLength: length };
  return fc.oneof(
    fc.float32Array(size).map((data) => ({ shape: extents, dtype: 'F32' as const, data })),
    fc.float64Array(size).map((data) => ({ shape: extents, dtype: 'F64' as const, data })),
    fc.bigInt64Array(size).map((data) => ({ shape: extents, dtype: 'I64' as const, data })),
    fc.bigUint64Array(size).map((data) => ({ shape: extents, dtype: 'U64' as const, data })),
    fc.int32Array(size).map((data) => ({ shape: extents, dtype: 'I32' as const, data })),
    fc.uint32Array(size).map((data) => ({ shape: extents, dtype: 'U32' as const, data })),
    fc.int16Array(size).map((data) => ({ shape: extents, dtype: 'I16' as const, data })),
    fc.uint16Array(size).map((data) => ({ shape: extents, dtype: 'U16' as const, data })),
    fc.int8Array(size).map((data) => ({ shape: extents, dtype: 'I8' as const, data })),
    fc.uint8Array(size).map((data) => ({ shape: extents, dtype: 'U8' as const, data })),
    fc
      .uint8Array({ ...size, max: 1 })
      .map((data) => ({ shape: extents, dtype: 'BOOL' as const, data })),
  );
});
const name = fc.string({ unit: 'binary' }).filter((n) => n !== '__metadata__');
const tensorFile = fc.record({
  tensors: fc.uniqueArray(fc.tuple(name, values), { selector: ([n]) => n, maxLength: 6 }),
  metadata: fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })),
});
const build = (named: [string, object][]) =>
  named.map(([n, tensor]) => ({ name: n, ...tensor }) as WritableTensor);

describe('fuzzing', () => {
  it('gives back whatever was written', () => {
    fc.assert(
      fc.property(tensorFile, ({ tensors, metadata }) => {
        const given = build(tensors);
        const bytes = writeSafetensors(given, metadata);
        expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
        const back = readSafetensors(bytes, 'x');
        expect(back.metadata).toEqual({ ...metadata });
        const byName = new Map(back.tensors.map((t) => [t.name, t]));
        expect(byName.size).toBe(given.length);
        for (const tensor of given) expect(byName.get(tensor.name)).toEqual(tensor);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses or reads a damaged file, and never fails otherwise', async () => {
    const damage = fc.array(
      fc.record({ at: fc.nat(), value: fc.nat({ max: 255 }), cut: fc.boolean() }),
      { minLength: 1, maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(tensorFile, damage, async ({ tensors, metadata }, faults) => {
        let bytes = writeSafetensors(build(tensors), metadata);
        for (const { at, value, cut } of faults) {
          if (cut) bytes = bytes.slice(0, at % (bytes.length + 1));
          else bytes[at % bytes.length] = value;
        }
        await readOrRefuse('safetensors, weights', () => readSafetensors(bytes, 'x'));
      }),
      fuzzRuns(1000),
    );
  });

  it('survives headers of any JSON', async () => {
    const info = fc.record(
      {
        dtype: fc.constantFrom('F32', 'F16', 'I64', 'x', 3),
        shape: fc.jsonValue(),
        data_offsets: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const header = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__metadata__', '__proto__', 'constructor')),
      fc.oneof(fc.jsonValue(), info),
    );
    await fc.assert(
      fc.asyncProperty(header, fc.uint8Array({ maxLength: 16 }), async (value, data) => {
        const bytes = file(JSON.stringify(value), Array.from(data));
        await readOrRefuse('safetensors, weights', () => readSafetensors(bytes, 'x'));
      }),
      fuzzRuns(1000),
    );
  });
});

const python = spawnSync('python3', ['-c', 'print(1)']).status === 0;

describe.runIf(python)('an independent reader', () => {
  const script = `
import json, struct, sys
raw = sys.stdin.buffer.read()
(n,) = struct.unpack('<Q', raw[:8])
head = json.loads(raw[8:8 + n].decode('utf-8'))
code = {'F32': 'f', 'F64': 'd', 'I64': 'q', 'U8': 'B'}
out = {'metadata': head.pop('__metadata__', {}), 'aligned': (8 + n) % 8 == 0}
for name, t in head.items():
    a, b = t['data_offsets']
    data = raw[8 + n + a:8 + n + b]
    size = struct.calcsize(code[t['dtype']])
    out[name] = [t['shape'], list(struct.unpack('<%d%s' % (len(data) // size, code[t['dtype']]), data)), (8 + n + a) % size]
print(json.dumps(out))
`;
  it('finds every tensor, aligned to its own width', () => {
    const bytes = writeSafetensors(
      [
        { name: 'bytes', shape: [3], dtype: 'U8', data: Uint8Array.of(1, 2, 255) },
        { name: 'w', shape: [2, 2], dtype: 'F32', data: Float32Array.of(0.5, -1, 2, 3) },
        { name: 'count', shape: [], dtype: 'I64', data: BigInt64Array.of(-5n) },
        { name: 'd', shape: [1], dtype: 'F64', data: Float64Array.of(0.1) },
      ],
      { licence: 'CC BY 4.0', 'class names': '["é","日本"]' },
    );
    const run = spawnSync('python3', ['-c', script], { input: bytes, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual({
      metadata: { licence: 'CC BY 4.0', 'class names': '["é","日本"]' },
      aligned: true,
      bytes: [[3], [1, 2, 255], 0],
      w: [[2, 2], [0.5, -1, 2, 3], 0],
      count: [[], [-5], 0],
      d: [[1], [0.1], 0],
    });
  });
});
