// Reading TIFF through geotiff: pages, bands as one array, no data as NaN; every fault of a file as a DataError.
import { fromArrayBuffer, type GeoTIFF, type GeoTIFFImage } from 'geotiff';
import { resample } from '../../modality/raster';
import { DataError } from '../dataset';
import type { Source } from '../source';
import { plural } from '../table/features';

/** Values that one picture, or a data set of them, may have. */
export const MOST_VALUES = 500_000_000;
const MOST_PAGES = 20_000;

export type Bands = Float32Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array;

export interface Raster {
  width: number;
  height: number;
  bands: number;
  /** `[bands, height, width]`; NaN is no data. */
  values: Bands;
}

export async function openTiff(source: Source): Promise<GeoTIFF> {
  const bytes = await source.bytes();
  return attempt(source, () => fromArrayBuffer(bytes.buffer));
}

export async function firstImage(source: Source): Promise<GeoTIFFImage> {
  const file = await openTiff(source);
  return attempt(source, () => file.getImage(0));
}

export async function countPages(source: Source): Promise<number> {
  const file = await openTiff(source);
  return (await pagesOf(file)).length;
}

/** The pages of a file; their chain may be damaged, or run in a circle. */
export async function pagesOf(file: GeoTIFF, most = MOST_PAGES): Promise<GeoTIFFImage[]> {
  const pages: GeoTIFFImage[] = [];
  while (pages.length < most) {
    const page = await file.getImage(pages.length).catch(() => undefined);
    if (!page) break;
    pages.push(page);
  }
  return pages;
}

export function sizeOf(image: GeoTIFFImage): Pick<Raster, 'width' | 'height' | 'bands'> {
  return { width: image.getWidth(), height: image.getHeight(), bands: image.getSamplesPerPixel() };
}

/** Reads a picture, or the part of it in `window` (left, top, right, bottom). */
export async function readRaster(
  source: Source,
  image: GeoTIFFImage,
  window?: [number, number, number, number],
): Promise<Raster> {
  const size = sizeOf(image);
  const [width, height] = window
    ? [window[2] - window[0], window[3] - window[1]]
    : [size.width, size.height];
  if (!(width * height * size.bands > 0) || width * height * size.bands > MOST_VALUES) {
    throw new DataError(
      source.path,
      `is ${size.width} x ${size.height} pixels in ${plural(size.bands, 'band')}`,
      'Bring a picture of up to 500 million values, or cut it first.',
    );
  }
  const { bands, noData } = await attempt(source, async () => ({
    bands: [
      ...(await image.readRasters({ window, interleave: false })),
    ] as unknown as ArrayLike<number>[],
    noData: image.getGDALNoData(),
  }));
  const plane = width * height;
  const [first] = bands;
  if (bands.some((band) => band.length !== plane)) {
    throw new DataError(source.path, 'holds less than its header says', 'Fetch it again.');
  }
  const isKept =
    noData === null &&
    [Uint8Array, Int8Array, Uint16Array, Int16Array, Int32Array].some(
      (Type) => first instanceof Type,
    );
  const Type = (isKept ? first!.constructor : Float32Array) as new (length: number) => Bands;
  const values = new Type(size.bands * plane);
  bands.forEach((band, b) => {
    values.set(band as never, b * plane);
  });
  if (noData !== null) {
    for (let i = 0; i < values.length; i++)
      if (values[i] === Math.fround(noData)) values[i] = Number.NaN;
  }
  return { width, height, bands: size.bands, values };
}

/** The names of bands that GDAL wrote, else their numbers. */
export async function bandNames(image: GeoTIFFImage): Promise<string[]> {
  const names: string[] = [];
  for (let b = 0; b < image.getSamplesPerPixel(); b++) {
    const metadata = await Promise.resolve(image.getGDALMetadata(b)).catch(() => null);
    const name = metadata?.DESCRIPTION;
    names.push(typeof name === 'string' && name ? name : `band ${b + 1}`);
  }
  return names;
}

/** A picture at the size of the examples. */
export function resized(
  raster: Raster,
  { width, height }: { width: number; height: number },
): Raster {
  if (raster.width === width && raster.height === height) return raster;
  const plane = raster.width * raster.height;
  const values = new Float32Array(raster.bands * width * height);
  for (let b = 0; b < raster.bands; b++) {
    const band = raster.values.subarray(b * plane, (b + 1) * plane);
    values.set(resample(band, raster.height, raster.width, height, width), b * width * height);
  }
  return { width, height, bands: raster.bands, values };
}

/** geotiff throws plain errors, of any kind where a file is damaged. */
async function attempt<T>(source: Source, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      source.path,
      `cannot be read as TIFF (${reason})`,
      'It was probably not copied completely; fetch it again.',
    );
  }
}
