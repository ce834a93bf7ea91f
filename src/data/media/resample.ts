// Sound at another sample rate: a windowed sinc filter (J. O. Smith, "Digital Audio Resampling").

/** Zero crossings of the sinc on either side. */
const CROSSINGS = 16;

/**
 * Resamples `samples`; frequencies above half of the new rate are removed.
 *
 * @param from,to samples a second
 */
export function resampleSound(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const step = from / to;
  // Going down, the filter is as much wider as fewer frequencies fit.
  const cutoff = Math.min(1, to / from);
  const radius = CROSSINGS / cutoff;
  const out = new Float32Array(Math.max(1, Math.round(samples.length / step)));
  for (let i = 0; i < out.length; i++) {
    const centre = i * step;
    const first = Math.max(0, Math.ceil(centre - radius));
    const last = Math.min(samples.length - 1, Math.floor(centre + radius));
    let sum = 0;
    let weights = 0;
    for (let k = first; k <= last; k++) {
      const distance = k - centre;
      const weight =
        sinc(distance * cutoff) * (0.5 + 0.5 * Math.cos((Math.PI * distance) / radius));
      sum += weight * samples[k]!;
      weights += weight;
    }
    out[i] = weights === 0 ? 0 : sum / weights;
  }
  return out;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
