// Decompression in small steps, so that a file that unpacks to far more than it says is stopped before memory is gone.
import { Gunzip, Inflate } from 'fflate';
import { DataError } from '../dataset';
import { collect, concatenate, type Source } from '../source';

/** Compressed bytes a step: deflate makes at most about 1000 times as many. */
const STEP = 64 << 10;
/** What is gathered before it is handed on. */
const PIECE = 1 << 20;
/** Unpacked bytes from which a file may be a bomb, and times its own size from which it is one. */
const HARMLESS = 64 << 20;
const BOMB_RATIO = 500;
/** Largest file that is unpacked in one piece. */
const MOST_IN_MEMORY = 1 << 30;

const DAMAGED = 'It was probably not copied completely; fetch it again.';

export const isBomb = (packed: number, unpacked: number) =>
  unpacked > HARMLESS && unpacked > BOMB_RATIO * packed;

export function bombError(path: string): DataError {
  return new DataError(
    path,
    `unpacks to more than ${BOMB_RATIO} times its size, as files made to exhaust memory do`,
    'If you trust it, unpack it yourself and bring what is inside.',
  );
}

/**
 * Unpacks raw deflate or gzip data piece by piece.
 *
 * @param packed compressed pieces, `size` bytes in all
 * @throws DataError where the data are damaged, cut off or a bomb
 */
export async function* unpack(
  path: string,
  kind: 'deflate' | 'gzip',
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  size: number,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  let ready: Uint8Array[] = [];
  let waiting = 0;
  let total = 0;
  let isFinished = false;
  const take = (piece: Uint8Array, isLast: boolean) => {
    ready.push(piece);
    waiting += piece.length;
    total += piece.length;
    isFinished = isLast;
  };
  const decoder = kind === 'gzip' ? new Gunzip(take) : new Inflate(take);
  const push = (bytes: Uint8Array, isLast: boolean) => {
    try {
      decoder.push(bytes, isLast);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new DataError(path, `is damaged or cut off (${reason})`, DAMAGED);
    }
    if (isBomb(size, total)) throw bombError(path);
  };
  const handOn = () => {
    const piece = concatenate(ready, waiting);
    ready = [];
    waiting = 0;
    return piece;
  };
  for await (const chunk of packed) {
    for (let at = 0; at < chunk.length; at += STEP) {
      push(chunk.subarray(at, at + STEP), false);
      if (waiting >= PIECE) yield handOn();
    }
  }
  push(new Uint8Array(0), true);
  if (!isFinished) throw new DataError(path, 'is cut off', DAMAGED);
  if (waiting > 0) yield handOn();
}

/** A source over data that can only be unpacked from the start. */
export function unpackedSource(
  path: string,
  size: number,
  chunks: () => AsyncIterable<Uint8Array<ArrayBuffer>>,
): Source {
  return {
    path,
    size,
    isSequential: true,
    chunks,
    slice: (start, end) => collect(chunks(), start, end),
    bytes: async () => {
      if (size > MOST_IN_MEMORY) {
        throw new DataError(
          path,
          `unpacks to ${Math.round(size / 2 ** 20)} MB, more than can be read at once`,
          'Bring a smaller part of it.',
        );
      }
      return collect(chunks(), 0, MOST_IN_MEMORY);
    },
  };
}
