// Compressed sound (FLAC, MP3, OGG, M4A...) through the browser's own decoder; only a page has one, no worker and no Node.
import type { DecodedSound } from './reading';

/**
 * Decodes a sound file and resamples it.
 *
 * @param sampleRate samples a second that the browser converts to
 * @throws Error where there is no decoder, or it does not know the file
 */
export async function decodeSound(
  bytes: Uint8Array<ArrayBuffer>,
  file: string,
  sampleRate: number,
): Promise<DecodedSound> {
  if (typeof OfflineAudioContext === 'undefined') {
    throw new Error(`${file} needs a browser's sound decoder`);
  }
  // The length of the context does not limit what it decodes.
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const sound = await context.decodeAudioData(bytes.buffer);
  const channels = Array.from({ length: sound.numberOfChannels }, (_, c) =>
    Float32Array.from(sound.getChannelData(c)),
  );
  return { channels, sampleRate: sound.sampleRate };
}
