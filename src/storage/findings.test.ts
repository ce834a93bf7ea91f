// What was found out about a run comes back as it was; what is damaged is not there.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../evaluate/evaluation';
import {
  type KeptSnapshot,
  readEvaluation,
  readSnapshots,
  writeEvaluation,
  writeSnapshots,
} from './findings';

const evaluation = {
  latent: 'adapted',
  heldOut: 'test',
  width: 2,
  unlabelled: { rank: Number.NaN, points: Float32Array.of(1, -0.5) },
} as unknown as Evaluation;

const snapshot = (step: number): KeptSnapshot => ({
  step,
  examples: Int32Array.of(3, 5),
  width: 2,
  features: Float32Array.of(1, 2, 3, step),
  label: {
    kind: 'class',
    name: 'season',
    classes: ['winter', 'summer'],
    values: Int32Array.of(1, -1),
  },
});

describe('evaluations', () => {
  it('come back with numbers that JSON does not know', () => {
    expect(readEvaluation(writeEvaluation({ step: 7, evaluation }))).toEqual({
      step: 7,
      evaluation,
    });
  });

  it('are not there where they are damaged or something else', () => {
    const bytes = writeEvaluation({ step: 7, evaluation });
    expect(readEvaluation(bytes.subarray(0, -2))).toBeUndefined();
    const texts = ['', 'null', '[]', '{}', '{"step":1}', '{"step":1,"evaluation":{"width":"x"}}'];
    for (const text of texts)
      expect(readEvaluation(new TextEncoder().encode(text))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array(), (any) => readEvaluation(any) === undefined));
  });
});

describe('snapshots', () => {
  it('come back by step, with either kind of label or none', () => {
    expect(readSnapshots(writeSnapshots([snapshot(10), snapshot(2)]), 'x')).toEqual([
      snapshot(2),
      snapshot(10),
    ]);
    const { label: _, ...plain } = snapshot(4);
    expect(readSnapshots(writeSnapshots([plain]), 'x')).toEqual([plain]);
    const values = Float32Array.of(1.5, Number.NaN);
    const measured = {
      ...plain,
      label: { kind: 'number', name: 'age', unit: 'a', values } as const,
    };
    expect(readSnapshots(writeSnapshots([measured]), 'x')).toEqual([measured]);
  });

  it('are none where they are damaged', () => {
    const bytes = writeSnapshots([snapshot(2)]);
    expect(readSnapshots(bytes.subarray(0, -1), 'x')).toEqual([]);
    fc.assert(fc.property(fc.uint8Array(), (any) => readSnapshots(any, 'x').length === 0));
  });
});
