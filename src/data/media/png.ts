// PNG through fast-png: exact values, the same everywhere, 16 bits kept. Only the chunks that hold the picture are decoded.
import { convertIndexedToRgb, decode } from 'fast-png';
import type { Picture } from './picture';

export const isPng = (head: Uint8Array) =>
  head[0] === 0x89 && head[1] === 0x50 && head[2] === 0x4e && head[3] === 0x47;

const SIGNATURE_SIZE = 8;
/** What stands around the data of a chunk: length, type, checksum. */
const CHUNK_FRAME = 12;
const NEEDED = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
const WHITE = 255;

interface Header {
  width: number;
  height: number;
  depth: number;
  isInterlaced: boolean;
  /** Most bytes that the picture can take unpacked. */
  rawBytes: number;
}

/** Size and depth of a picture; undefined where the header is not to be trusted. */
export function pngHeader(bytes: Uint8Array): Header | undefined {
  if (!isPng(bytes) || bytes.length < SIGNATURE_SIZE + CHUNK_FRAME + 13) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const depth = bytes[24]!;
  const channels = [1, 0, 3, 1, 2, 0, 4][bytes[25]!] ?? 0;
  return {
    width,
    height,
    depth,
    isInterlaced: bytes[28] === 1,
    rawBytes: height * (Math.ceil((width * channels * depth) / 8) + 1),
  };
}

/**
 * Decodes a picture; transparent parts are laid on white.
 *
 * @throws Error where the file is damaged, or holds more packed data than its picture can need
 */
export function decodePng(bytes: Uint8Array): Picture {
  const header = pngHeader(bytes);
  if (!header) throw new Error('it has no header');
  const { width, height, data, depth, channels, palette } = decode(
    withoutExtras(bytes, header.rawBytes),
    {
      checkCrc: true,
    },
  );
  if (palette) {
    const colours = convertIndexedToRgb({
      width,
      height,
      data,
      depth,
      channels,
      palette,
      text: {},
    });
    return toPlanes(colours, width, height, palette[0]!.length, WHITE);
  }
  if (depth === 16) return toPlanes(data as Uint16Array, width, height, channels, 0xffff);
  const values =
    depth < 8 ? unpackBits(data as Uint8Array, width, height, depth) : (data as Uint8Array);
  return toPlanes(values, width, height, channels, WHITE);
}

/** The file with the chunks that hold the picture alone: others may unpack to anything. */
function withoutExtras(bytes: Uint8Array, rawBytes: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kept: Uint8Array[] = [bytes.subarray(0, SIGNATURE_SIZE)];
  let packed = 0;
  let at = SIGNATURE_SIZE;
  while (at + CHUNK_FRAME <= bytes.length) {
    const length = view.getUint32(at);
    const end = at + CHUNK_FRAME + length;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length) throw new Error('it is cut off');
    if (NEEDED.has(type)) kept.push(bytes.subarray(at, end));
    if (type === 'IDAT') packed += length;
    at = end;
    if (type === 'IEND') break;
  }
  // Packing never makes a picture much larger.
  if (packed > 1.1 * rawBytes + 1024) throw new Error('it holds more data than its picture needs');
  const whole = new Uint8Array(kept.reduce((sum, chunk) => sum + chunk.length, 0));
  let to = 0;
  for (const chunk of kept) {
    whole.set(chunk, to);
    to += chunk.length;
  }
  return whole;
}

/** Grey values of 1, 2 or 4 bits, each row padded to whole bytes, as bytes from 0 to 255. */
function unpackBits(data: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const bytesPerLine = Math.ceil((width * depth) / 8);
  const most = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * bytesPerLine + (bit >> 3)]!;
      out[y * width + x] = (((byte >> (8 - depth - (bit & 7))) & most) * WHITE) / most;
    }
  }
  return out;
}

/** Interleaved values with or without transparency as planes of grey, or of red, green and blue. */
export function toPlanes(
  data: Uint8Array | Uint8ClampedArray | Uint16Array,
  width: number,
  height: number,
  channels: number,
  white: number,
): Picture {
  const colours = channels < 3 ? 1 : 3;
  const hasAlpha = channels === 2 || channels === 4;
  const plane = width * height;
  const planes = white > WHITE ? new Uint16Array(colours * plane) : new Uint8Array(colours * plane);
  for (let p = 0; p < plane; p++) {
    const alpha = hasAlpha ? data[p * channels + colours]! / white : 1;
    for (let c = 0; c < colours; c++) {
      planes[c * plane + p] = Math.round(data[p * channels + c]! * alpha + white * (1 - alpha));
    }
  }
  return { width, height, channels: colours, planes };
}
