// WAV: PCM of 8 to 32 bits, floating point, and the logarithmic codes of telephones (RIFF; Microsoft's WAVEFORMATEX).
import { DataError } from '../dataset';
import type { DecodedSound } from '../reading';

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;
/** What a program writes as the length of data when it does not know it yet. */
const UNKNOWN_LENGTH = 0xffffffff;

export const isWav = (head: Uint8Array) =>
  /^RIFF....WAVE/s.test(String.fromCharCode(...head.subarray(0, 12)));

/**
 * Decodes a WAV file.
 *
 * @throws DataError where it is damaged or its encoding is unknown
 */
export function decodeWav(bytes: Uint8Array, file: string): DecodedSound {
  const fail = (fault: string, remedy = 'It was probably not copied completely; fetch it again.') =>
    new DataError(file, fault, remedy);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let format: Encoding | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = String.fromCharCode(...bytes.subarray(at, at + 4));
    const stated = view.getUint32(at + 4, true);
    const start = at + 8;
    if (id === 'data') {
      if (!format) throw fail('has no format before its data');
      const length = stated === UNKNOWN_LENGTH ? bytes.length - start : stated;
      if (start + length > bytes.length) {
        throw fail(
          `is cut off: its header says ${length} bytes of sound, it holds ${bytes.length - start}`,
        );
      }
      return decodeData(view, start, length, format, fail);
    }
    if (start + stated > bytes.length) throw fail('is cut off before its sound begins');
    if (id === 'fmt ') format = readFormat(view, start, stated, fail);
    // Chunks are padded to an even length.
    at = start + stated + (stated & 1);
  }
  throw fail('holds no sound');
}

interface Encoding {
  code: number;
  channels: number;
  sampleRate: number;
  /** Bytes of one sample of one channel. */
  width: number;
}

type Fail = (fault: string, remedy?: string) => DataError;

function readFormat(view: DataView, start: number, length: number, fail: Fail): Encoding {
  if (length < 16) throw fail('has a format that is cut off');
  let code = view.getUint16(start, true);
  // The extensible format names the real one in the first two bytes of an identifier.
  if (code === EXTENSIBLE && length >= 26) code = view.getUint16(start + 24, true);
  const channels = view.getUint16(start + 2, true);
  const sampleRate = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  const width = Math.ceil(bits / 8);
  const isKnown =
    (code === PCM && width >= 1 && width <= 4) ||
    (code === FLOAT && (width === 4 || width === 8)) ||
    ((code === A_LAW || code === MU_LAW) && width === 1);
  if (!isKnown) {
    throw fail(
      `is encoded in a way that is not known here (code ${code}, ${bits} bits)`,
      'Convert it to 16-bit PCM.',
    );
  }
  if (channels === 0 || channels > 64 || sampleRate === 0) {
    throw fail(`says it has ${channels} channels and ${sampleRate} samples a second`);
  }
  return { code, channels, sampleRate, width };
}

function decodeData(
  view: DataView,
  start: number,
  length: number,
  format: Encoding,
  fail: Fail,
): DecodedSound {
  const { channels, width, sampleRate } = format;
  const frames = Math.floor(length / (channels * width));
  if (frames === 0) throw fail('holds no samples of sound', 'Remove it.');
  const read = sampleReader(view, format);
  return {
    sampleRate,
    channels: Array.from({ length: channels }, (_, c) => {
      const samples = new Float32Array(frames);
      for (let i = 0; i < frames; i++) {
        const value = read(start + (i * channels + c) * width);
        samples[i] = Number.isFinite(value) ? value : 0;
      }
      return samples;
    }),
  };
}

/** Reads the sample at a byte as a number in [-1, 1]. */
function sampleReader(view: DataView, { code, width }: Encoding): (at: number) => number {
  if (code === FLOAT) {
    return width === 4 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true);
  }
  if (code === MU_LAW) return (at) => muLaw(view.getUint8(at));
  if (code === A_LAW) return (at) => aLaw(view.getUint8(at));
  switch (width) {
    case 1:
      return (at) => (view.getUint8(at) - 128) / 128;
    case 2:
      return (at) => view.getInt16(at, true) / 0x8000;
    case 3:
      return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 0x10000) / 0x800000;
    default:
      return (at) => view.getInt32(at, true) / 0x80000000;
  }
}

/** ITU-T G.711, mu-law. */
function muLaw(byte: number): number {
  const code = ~byte & 255;
  const magnitude = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84;
  return (code & 128 ? -magnitude : magnitude) / 0x8000;
}

/** ITU-T G.711, A-law. */
function aLaw(byte: number): number {
  const code = byte ^ 0x55;
  const exponent = (code >> 4) & 7;
  const mantissa = ((code & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (code & 128 ? magnitude : -magnitude) / 0x8000;
}
