// What a reader is handed besides its files: how to tell progress, when to stop, and decoders that only a browser has.

/** Sound as decoded: one array of samples in [-1, 1] a channel. */
export interface DecodedSound {
  channels: Float32Array[];
  sampleRate: number;
}

export interface Reading {
  /** Aborting makes the reader throw the signal's reason at the next opportunity. */
  signal?: AbortSignal;
  /** `fraction` of the whole in [0, 1], and what is being done, e.g. `reading train.csv`. */
  onProgress?: (fraction: number, what: string) => void;
  /**
   * Decodes compressed sound (FLAC, MP3, OGG...) and resamples it; absent where the surroundings cannot.
   * The bytes are given away.
   */
  decodeSound?: (
    bytes: Uint8Array<ArrayBuffer>,
    file: string,
    sampleRate: number,
  ) => Promise<DecodedSound>;
}

/** Tells progress and throws where the user has cancelled; called between chunks of work. */
export function report(reading: Reading, fraction: number, what: string): void {
  reading.signal?.throwIfAborted();
  reading.onProgress?.(Math.min(1, Math.max(0, fraction)), what);
}
