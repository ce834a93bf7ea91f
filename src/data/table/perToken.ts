// Labels with a letter for every letter of the text beside them, such as the secondary structure of a protein.
import type { Label } from '../dataset';
import type { Encoded, TextUnit } from '../symbols';

/** Characters that a sequence may hold without their becoming tokens: letters after them would not stand where they should. */
const DROPPED = /[\s.*-]/;

/** Whether every value is as long as the text beside it. */
export function isPerToken(values: readonly string[], texts: readonly string[]): boolean {
  return values.every(
    (value, row) =>
      value.length > 1 && value.length === texts[row]!.length && !DROPPED.test(texts[row]!),
  );
}

/**
 * Turns a label whose values are as long as their texts into one with a class a token, `[count, length]`, -1 where the text
 * has ended. Other labels stay as they are; undefined then.
 */
export function perTokenLabel(
  label: Label,
  texts: readonly string[],
  encoded: Encoded,
  unit: TextUnit | undefined,
): Label | undefined {
  if (label.kind !== 'class' || (unit !== undefined && unit !== 'characters')) return undefined;
  const values = Array.from(label.values, (id) => label.classes[id] ?? '');
  if (!isPerToken(values, texts)) return undefined;
  const classes = [...new Set(values.flatMap((value) => [...value]))].sort();
  const ids = new Map(classes.map((letter, id) => [letter, id]));
  const [length] = encoded.sampleShape as [number];
  const perToken = new Int32Array(encoded.count * length).fill(-1);
  encoded.source.forEach((row, n) => {
    const from = encoded.offset[n]!;
    for (let l = 0; l < encoded.lengths[n]!; l++) {
      perToken[n * length + l] = ids.get(values[row]![from + l]!)!;
    }
  });
  return { kind: 'class', name: label.name, perToken: true, classes, values: perToken };
}
