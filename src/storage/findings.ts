// What was found out about a kept run, as files beside its checkpoints: the last evaluation, and the snapshots of its features.
import type { Evaluation } from '../evaluate/evaluation';
import type { Snapshot } from '../evaluate/snapshot';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../weights/safetensors';
import { z } from '../zod';

/** An evaluation, and the step of the encoder that was evaluated. */
export interface KeptEvaluation {
  step: number;
  evaluation: Evaluation;
}

export interface KeptSnapshot extends Snapshot {
  step: number;
}

/** JSON has no numbers but finite ones, and no arrays of one type. */
const written = (_: string, value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
  if (value instanceof Float32Array) return { $float32: [...value] };
  return value;
};
const read = (_: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('$number' in value) return Number(value.$number);
  if ('$float32' in value && Array.isArray(value.$float32)) {
    return Float32Array.from(value.$float32, Number);
  }
  return value;
};

/** Deep enough that nothing of another program passes for an evaluation. */
const evaluationSchema = z.object({
  step: z.int().nonnegative(),
  evaluation: z.looseObject({
    latent: z.enum(['encoded', 'adapted']),
    heldOut: z.enum(['validation', 'test']),
    width: z.int().positive(),
    probes: z
      .looseObject({
        label: z.string(),
        classes: z.array(z.string()),
        results: z.record(z.string(), z.looseObject({})),
        fewLabels: z.array(z.looseObject({ share: z.number(), values: z.array(z.any()) })),
      })
      .optional(),
    unlabelled: z.looseObject({}).optional(),
  }),
});

export function writeEvaluation(kept: KeptEvaluation): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(kept, written));
}

/** Nothing where the bytes are no evaluation: it can be had again. */
export function readEvaluation(bytes: Uint8Array): KeptEvaluation | undefined {
  try {
    const found = JSON.parse(new TextDecoder().decode(bytes), read);
    return evaluationSchema.safeParse(found).success ? (found as KeptEvaluation) : undefined;
  } catch {
    return undefined;
  }
}

const labelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('class'), name: z.string(), classes: z.array(z.string()) }),
  z.object({ kind: z.literal('number'), name: z.string(), unit: z.string().optional() }),
]);

/** Snapshots as safetensors: `examples` `[n]`, `label` `[n]`, and `features.<step>` `[n, width]` each. */
export function writeSnapshots(snapshots: readonly KeptSnapshot[]): Uint8Array<ArrayBuffer> {
  const [{ examples, label }] = snapshots as [KeptSnapshot];
  const n = examples.length;
  const { values, ...about } = label ?? {};
  return writeSafetensors(
    [
      { name: 'examples', dtype: 'I32', shape: [n], data: examples },
      ...(values instanceof Int32Array
        ? [{ name: 'label', dtype: 'I32' as const, shape: [n], data: values }]
        : values
          ? [{ name: 'label', dtype: 'F32' as const, shape: [n], data: values }]
          : []),
      ...snapshots.map(({ step, width, features }) => ({
        name: `features.${step}`,
        dtype: 'F32' as const,
        shape: [n, width],
        data: features,
      })),
    ],
    label && { label: JSON.stringify(about) },
  );
}

/**
 * Snapshots by step, ascending; none where the bytes are damaged or not such a file: they are a picture of what was, no more.
 *
 * @param file its name, for the reader's own messages
 */
export function readSnapshots(bytes: Uint8Array, file: string): KeptSnapshot[] {
  try {
    const { tensors, metadata } = readSafetensors(bytes, file);
    const named = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const examples = named.get('examples');
    if (examples?.dtype !== 'I32') return [];
    const n = examples.data.length;
    const label = labelOf(named.get('label'), metadata.label, n);
    return tensors
      .flatMap(({ name, dtype, shape, data }) => {
        const step = /^features\.(\d{1,15})$/.exec(name)?.[1];
        const isFitting = shape.length === 2 && shape[0] === n && dtype === 'F32';
        if (step === undefined || !isFitting) return [];
        const features = (data as Float32Array).slice();
        const common = { examples: examples.data, width: shape[1]!, ...(label && { label }) };
        return [{ ...common, features, step: Number(step) }];
      })
      .sort((a, b) => a.step - b.step);
  } catch {
    return [];
  }
}

function labelOf(
  tensor: NamedTensor | undefined,
  about: string | undefined,
  n: number,
): Snapshot['label'] {
  if (!tensor || about === undefined || tensor.data.length !== n) return undefined;
  const label = labelSchema.parse(JSON.parse(about));
  if (label.kind === 'class' && tensor.dtype === 'I32') return { ...label, values: tensor.data };
  if (label.kind === 'number' && tensor.dtype === 'F32') return { ...label, values: tensor.data };
  return undefined;
}
