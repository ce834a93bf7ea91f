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
