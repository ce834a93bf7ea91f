// A file as the readers see it: a path that the user knows, and bytes in slices or chunks; from a Blob or from inside an archive.

/** What the user brought; `name` may hold a path relative to a dropped folder. */
export interface NamedBlob {
  name: string;
  blob: Blob;
}

export interface Source {
  /** Path as the user knows it, e.g. `wafers.zip/train/1.png`. */
  path: string;
  /** Size in bytes, once decompressed; an upper estimate where the file does not say. */
  size: number;
  /** Bytes `start` (inclusive) to `end` (exclusive), fewer at the end of the file. */
  slice(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** All bytes. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** All bytes, in order, in pieces of a few megabytes at most. */
  chunks(): AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** A slice costs as much as everything before it: the file is compressed as a whole. */
  isSequential?: boolean;
}

const CHUNK = 4 << 20;

export function sourceOf({ name, blob }: NamedBlob): Source {
  const slice = async (start: number, end: number) =>
    new Uint8Array(await blob.slice(start, end).arrayBuffer());
  return {
    path: name,
    size: blob.size,
    slice,
    bytes: () => slice(0, blob.size),
    async *chunks() {
      for (let at = 0; at < blob.size; at += CHUNK) yield await slice(at, at + CHUNK);
    },
  };
}

/** The same file where any slice is cheap: unpacked in memory where need be. */
export async function randomAccess(source: Source): Promise<Source> {
  if (!source.isSequential) return source;
  return sourceOf({ name: source.path, blob: new Blob([await source.bytes()]) });
}

/** Last component of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Base name without its last extension. */
export function stem(path: string): string {
  return baseName(path).replace(/\.[^.]*$/, '');
}

/** Extension in lower case without its dot, '' where there is none. */
export function extension(path: string): string {
  return /\.([^./]+)$/.exec(baseName(path))?.[1]?.toLowerCase() ?? '';
}

/** Bytes `start` to `end` of data that come in pieces; stops as soon as it has them. */
export async function collect(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  start: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let at = 0;
  for await (const chunk of chunks) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end - at));
    if (piece.length > 0) pieces.push(piece);
    length += piece.length;
    at += chunk.length;
    if (at >= end) break;
  }
  return concatenate(pieces, length);
}

/** Pieces of `length` bytes in all, as one. */
export function concatenate(pieces: Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
