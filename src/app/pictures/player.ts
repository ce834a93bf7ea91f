// Plays one sound at a time through the browser's audio output.
import type { Sound } from '../../modality/modality';

let context: AudioContext | undefined;
let current: AudioBufferSourceNode | undefined;

/**
 * Plays a sound, in place of the one that plays; settles when it has ended or was stopped.
 *
 * @throws Error where the browser gives no audio output
 */
export async function play({ samples, sampleRate }: Sound): Promise<void> {
  stop();
  context ??= new AudioContext();
  const source = context.createBufferSource();
  current = source;
  await context.resume();
  // Another sound, or a stop, came while the output woke up.
  if (current !== source) return;
  const buffer = context.createBuffer(1, Math.max(1, samples.length), sampleRate);
  buffer.copyToChannel(Float32Array.from(samples), 0);
  source.buffer = buffer;
  source.connect(context.destination);
  const ended = new Promise<void>((resolve) => {
    source.onended = () => resolve();
  });
  source.start();
  await ended;
}

/** Ends the sound that plays, if one does. */
export function stop(): void {
  // One that has not started yet cannot be stopped; `play` sees that it is no longer wanted.
  if (current?.buffer) current.stop();
  current = undefined;
}
