// Where the tokens of an example lie in its picture, and an example put together from what was seen and what was predicted.
import { type InputSpec, partPlaces, tokenGrid } from '../../modality/inputSpec';

type Values = Float32Array | Int32Array;

/**
 * The prediction where a token is masked, the original where it was visible: a masked autoencoder's
 * prediction of a visible token is never trained and says nothing.
 *
 * @param original model input of one example, `exampleSize(input)` values
 * @param prediction likewise
 * @param mask `[L]`, 1 is masked
 */
export function compose<T extends Values>(
  original: T,
  prediction: T,
  mask: Uint8Array,
  input: InputSpec,
): T {
  const out = original.slice() as T;
  switch (input.kind) {
    case 'several':
      for (const { part, token, tokens, value, values } of partPlaces(input)) {
        const of = (whole: T) => whole.subarray(value, value + values) as T;
        const own = mask.subarray(token, token + tokens);
        out.set(compose(of(original), of(prediction), own, part), value);
      }
      break;
    case 'tokens':
      for (let t = 0; t < mask.length; t++) if (mask[t]) out[t] = prediction[t]!;
      break;
    case 'series':
      for (let t = 0; t < mask.length; t++) {
        if (!mask[t]) continue;
        for (let c = 0; c < input.channels; c++) {
          const start = c * input.length + t * input.patch;
          out.set(prediction.subarray(start, start + input.patch), start);
        }
      }
      break;
    case 'grid': {
      const { columns } = tokenGrid(input);
      for (let t = 0; t < mask.length; t++) {
        if (!mask[t]) continue;
        const top = Math.floor(t / columns) * input.patch;
        const left = (t % columns) * input.patch;
        for (let c = 0; c < input.channels; c++) {
          for (let y = 0; y < input.patch; y++) {
            const start = (c * input.height + top + y) * input.width + left;
            out.set(prediction.subarray(start, start + input.patch), start);
          }
        }
      }
    }
  }
  return out;
}

/** Runs of equal mask along a row of tokens: `[first, end)` and whether they are masked. */
export function runs(mask: ArrayLike<number>): { start: number; end: number; masked: boolean }[] {
  const out: { start: number; end: number; masked: boolean }[] = [];
  for (let t = 0; t < mask.length; t++) {
    const masked = mask[t] === 1;
    const last = out.at(-1);
    if (last && last.masked === masked) last.end = t + 1;
    else out.push({ start: t, end: t + 1, masked });
  }
  return out;
}

/** Mean of the errors `[L]` of the masked tokens. */
export function maskedMean(errors: Float32Array, mask: Uint8Array): number {
  let sum = 0;
  let count = 0;
  for (let t = 0; t < mask.length; t++) {
    if (!mask[t]) continue;
    sum += errors[t]!;
    count++;
  }
  return sum / count;
}
