// A small data set for the tests of the stores.
import type { Dataset } from '../data/dataset';

/** Sines of two frequencies, told apart by their label. */
export function sines(count = 40, length = 24): Dataset {
  const values = new Float32Array(count * 2 * length);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 2; c++) {
      for (let s = 0; s < length; s++) {
        values[(i * 2 + c) * length + s] = Math.sin(((i % 2) + 1) * (c + 1) * s * 0.3 + i);
      }
    }
  }
  return {
    name: 'Sines',
    modality: 'time-series',
    count,
    sampleShape: [2, length],
    values,
    features: ['a', 'b'],
    labels: [
      {
        name: 'frequency',
        kind: 'class',
        classes: ['low', 'high'],
        values: Int32Array.from({ length: count }, (_, i) => i % 2),
      },
    ],
    origin: { source: 'sines.csv' },
    warnings: [],
  };
}
