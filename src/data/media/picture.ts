// One picture from a file: PNG by our own decoder, JPEG, WebP, GIF, BMP and AVIF by the browser's; and fitting it to a size.
import { resample } from '../../modality/raster';
import { DataError } from '../dataset';
import { decodePng, isPng, pngHeader, toPlanes } from './png';

/** `planes` is `[channels, height, width]`: grey, or red, green and blue. */
export interface Picture {
  width: number;
  height: number;
  channels: 1 | 3;
  planes: Uint8Array | Uint16Array;
}

/** Larger pictures take more memory than a page should. */
const MOST_PIXELS = 100_000_000;

/** The kind of picture that the first bytes show, undefined where they show none. */
export function pictureKind(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (isPng(head)) return 'PNG';
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'JPEG';
  if (text.startsWith('GIF8')) return 'GIF';
  if (text.startsWith('RIFF') && text.endsWith('WEBP')) return 'WebP';
  if (/^....ftypavi[fs]/s.test(text)) return 'AVIF';
  if (text.startsWith('BM') && head[14] !== undefined && head[14] >= 12 && head[15] === 0)
    return 'BMP';
  return undefined;
}

/**
 * Decodes a picture.
 *
 * @throws DataError where it is damaged, too large, or needs a decoder that is not there
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
): Promise<Picture> {
  const kind = pictureKind(bytes);
  if (!kind) {
    throw new DataError(file, 'is no picture of a known kind', 'Bring PNG, JPEG, WebP or GIF.');
  }
  const header = pngHeader(bytes);
  if (header && header.width * header.height > MOST_PIXELS) throw tooLarge(file, header);
  try {
    // The decoder of PNG does not know interlaced pictures of less than a byte a pixel.
    const isOurs = header && !(header.isInterlaced && header.depth < 8);
    return isOurs ? decodePng(bytes) : await decodeByBrowser(bytes, file, kind);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      file,
      `cannot be decoded as ${kind} (${reason})`,
      'It is probably damaged; fetch it again or remove it.',
    );
  }
}

function tooLarge(file: string, { width, height }: { width: number; height: number }): DataError {
  return new DataError(
    file,
    `is ${width} x ${height} pixels, more than ${MOST_PIXELS / 1e6} million`,
    'Cut it into smaller pictures or reduce it first.',
  );
}

async function decodeByBrowser(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  kind: string,
): Promise<Picture> {
  if (typeof createImageBitmap === 'undefined' || typeof OffscreenCanvas === 'undefined') {
    throw new DataError(file, `is ${kind}, which only a browser can decode`, 'Convert it to PNG.');
  }
  // Values as they are stored: no colour management.
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: 'none' });
  try {
    const { width, height } = bitmap;
    if (width * height > MOST_PIXELS) throw tooLarge(file, bitmap);
    const context = new OffscreenCanvas(width, height).getContext('2d', {
      willReadFrequently: true,
    });
    if (!context) throw new Error('there is no canvas');
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    return withoutEqualColours(toPlanes(data, width, height, 4, 255));
  } finally {
    bitmap.close();
  }
}

/** A picture whose colours are all the same is grey. */
function withoutEqualColours(picture: Picture): Picture {
  const plane = picture.width * picture.height;
  const { planes } = picture;
  for (let p = 0; p < plane; p++) {
    if (planes[p] !== planes[plane + p] || planes[p] !== planes[2 * plane + p]) return picture;
  }
  return { ...picture, channels: 1, planes: planes.slice(0, plane) };
}

export interface Fit {
  width: number;
  height: number;
  channels: 1 | 3;
  /** Keep the middle in the shape wanted, or the whole picture out of shape. */
  shape: 'crop' | 'stretch';
}

/** Weights of red, green and blue in grey (ITU-R BT.601, as PNG and JPEG mean it). */
const LUMA = [0.299, 0.587, 0.114];

/** Writes a picture at another size and in another number of colours to `out` from `offset` on, `[channels, height, width]`. */
export function fitPicture(
  picture: Picture,
  fit: Fit,
  out: Uint8Array | Uint16Array,
  offset: number,
): void {
  const { left, top, width, height } = region(picture, fit);
  const area = fit.width * fit.height;
  const scaled = Array.from({ length: picture.channels }, (_, c) => {
    const plane = cutPlane(picture, c, left, top, width, height);
    const isSame = width === fit.width && height === fit.height;
    return isSame ? plane : resample(plane, height, width, fit.height, fit.width);
  });
  // Bytes and 16-bit values may come together: all become what `out` holds.
  const from = picture.planes instanceof Uint16Array ? 0xffff : 255;
  const scale = (out instanceof Uint16Array ? 0xffff : 255) / from;
  for (let c = 0; c < fit.channels; c++) {
    for (let p = 0; p < area; p++) {
      const value =
        fit.channels < picture.channels
          ? LUMA.reduce((sum, weight, colour) => sum + weight * scaled[colour]![p]!, 0)
          : scaled[Math.min(c, picture.channels - 1)]![p]!;
      out[offset + c * area + p] = Math.round(value * scale);
    }
  }
}

/** The part of a picture that is kept: all of it, or its middle in the proportions wanted. */
function region(picture: Picture, fit: Fit) {
  if (fit.shape === 'stretch')
    return { left: 0, top: 0, width: picture.width, height: picture.height };
  const scale = Math.min(picture.width / fit.width, picture.height / fit.height);
  const width = Math.max(1, Math.round(fit.width * scale));
  const height = Math.max(1, Math.round(fit.height * scale));
  return { left: (picture.width - width) >> 1, top: (picture.height - height) >> 1, width, height };
}

function cutPlane(
  picture: Picture,
  channel: number,
  left: number,
  top: number,
  width: number,
  height: number,
): Uint8Array | Uint16Array {
  const plane = picture.width * picture.height;
  const whole = picture.planes.subarray(channel * plane, (channel + 1) * plane);
  if (width === picture.width && height === picture.height) return whole;
  const out = new (whole.constructor as new (length: number) => Uint8Array | Uint16Array)(
    width * height,
  );
  for (let y = 0; y < height; y++) {
    const start = (top + y) * picture.width + left;
    out.set(whole.subarray(start, start + width), y * width);
  }
  return out;
}
