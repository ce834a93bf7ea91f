// Measures of predictions against the truth. Undefined ones (a class that never occurs, numbers without spread) are NaN.

/** Share of predictions that are right. */
export function accuracy(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) right++;
  return right / truth.length;
}

/** Counts `[classes, classes]`: row the truth, column the prediction. */
export function confusionMatrix(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): Int32Array {
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < truth.length; i++) counts[truth[i]! * classes + predicted[i]!]! += 1;
  return counts;
}

/** What a confusion matrix says of class `c`. */
function classCounts(confusion: Int32Array, classes: number, c: number) {
  let support = 0;
  let predicted = 0;
  for (let other = 0; other < classes; other++) {
    support += confusion[c * classes + other]!;
    predicted += confusion[other * classes + c]!;
  }
  return { right: confusion[c * classes + c]!, support, predicted };
}

/** Mean over the classes that occur of the share that is recognised. */
export function balancedAccuracy(confusion: Int32Array, classes: number): number {
  let sum = 0;
  let occurring = 0;
  for (let c = 0; c < classes; c++) {
    const { right, support } = classCounts(confusion, classes, c);
    if (support === 0) continue;
    sum += right / support;
    occurring++;
  }
  return sum / occurring;
}

/** F1 of each class, averaged by how often the class occurs. */
export function weightedF1(confusion: Int32Array, classes: number): number {
  let sum = 0;
  let total = 0;
  for (let c = 0; c < classes; c++) {
    const { right, support, predicted } = classCounts(confusion, classes, c);
    if (support === 0) continue;
    sum += (support * 2 * right) / (support + predicted);
    total += support;
  }
  return sum / total;
}

/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a]! - values[b]!,
  );
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    const rank = (start + 1 + end) / 2;
    for (let i = start; i < end; i++) result[order[i]!] = rank;
    start = end;
  }
  return result;
}

/** Area under the ROC curve: the probability that a positive scores above a negative (ties count half). */
export function auroc(positive: ArrayLike<number | boolean>, scores: ArrayLike<number>): number {
  const rank = ranks(scores);
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < scores.length; i++) {
    if (!positive[i]) continue;
    positives++;
    rankSum += rank[i]!;
  }
  const negatives = scores.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Mean of the columns' AUROC over those that have positives and negatives; `isPositive(row, column)`. */
export function macroAuroc(
  isPositive: (row: number, column: number) => boolean,
  scores: ArrayLike<number>,
  columns: number,
): number {
  const rows = scores.length / columns;
  const areas = Array.from({ length: columns }, (_, column) =>
    auroc(
      Array.from({ length: rows }, (_, row) => isPositive(row, column)),
      Float64Array.from({ length: rows }, (_, row) => scores[row * columns + column]!),
    ),
  ).filter((area) => !Number.isNaN(area));
  return mean(areas);
}

/** Coefficient of determination: 1 - squared error over the squared deviation from the truth's mean. */
export function r2(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const centre = mean(truth);
  let residual = 0;
  let total = 0;
  for (let i = 0; i < truth.length; i++) {
    residual += (truth[i]! - predicted[i]!) ** 2;
    total += (truth[i]! - centre) ** 2;
  }
  return total > 0 ? 1 - residual / total : Number.NaN;
}

/** Pearson's correlation. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}

/** Spearman's rank correlation. */
export function spearman(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return correlation(ranks(a), ranks(b));
}

export function rootMeanSquaredError(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (truth[i]! - predicted[i]!) ** 2;
  return Math.sqrt(sum / truth.length);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Standard deviation of a sample (n - 1); NaN for fewer than two values. */
export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return values.length > 1 ? Math.sqrt(sum / (values.length - 1)) : Number.NaN;
}
