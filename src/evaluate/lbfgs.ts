// Limited-memory BFGS (Nocedal 1980) with a diagonal preconditioner, for smooth convex functions of many variables.

/** Steps whose curvature is remembered. */
const MEMORY = 12;
/** Sufficient decrease (Armijo). */
const DECREASE = 1e-4;
const MOST_HALVINGS = 40;

export interface Minimum {
  x: Float64Array;
  value: number;
  iterations: number;
  /** False where the iterations ran out first. */
  isConverged: boolean;
}

/**
 * Minimises `f`, which writes its gradient into `gradient` and returns its value.
 *
 * @param curvature estimates of the second derivatives, positive
 * @param tolerance of the largest component of the gradient, each divided by the root of its curvature
 */
export function minimise(
  f: (x: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  curvature: Float64Array,
  { tolerance = 1e-5, iterations: limit = 500 } = {},
): Minimum {
  const size = start.length;
  let x = start.slice();
  let gradient = new Float64Array(size);
  let value = f(x, gradient);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];

  const isFlat = (g: Float64Array) =>
    g.every((component, i) => Math.abs(component) <= tolerance * Math.sqrt(curvature[i]!));

  for (let iteration = 0; iteration < limit; iteration++) {
    if (isFlat(gradient)) return { x, value, iterations: iteration, isConverged: true };
    const direction = twoLoops(gradient, pairs, curvature);
    const slope = dot(direction, gradient);
    const trial = new Float64Array(size);
    const trialGradient = new Float64Array(size);
    let step = 1;
    let trialValue = Number.POSITIVE_INFINITY;
    let halvings = 0;
    for (; halvings < MOST_HALVINGS; halvings++) {
      for (let i = 0; i < size; i++) trial[i] = x[i]! + step * direction[i]!;
      trialValue = f(trial, trialGradient);
      if (trialValue <= value + DECREASE * step * slope) break;
      step /= 2;
    }
    // No descent is left that rounding would not hide.
    if (halvings === MOST_HALVINGS) return { x, value, iterations: iteration, isConverged: true };
    const s = new Float64Array(size);
    const y = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      s[i] = trial[i]! - x[i]!;
      y[i] = trialGradient[i]! - gradient[i]!;
    }
    const sy = dot(s, y);
    if (sy > 0) {
      pairs.push({ s, y, rho: 1 / sy });
      if (pairs.length > MEMORY) pairs.shift();
    }
    x = trial;
    gradient = trialGradient;
    value = trialValue;
  }
  return { x, value, iterations: limit, isConverged: isFlat(gradient) };
}

/** - H g, with H from the remembered pairs and the diagonal. */
function twoLoops(
  gradient: Float64Array,
  pairs: { s: Float64Array; y: Float64Array; rho: number }[],
  curvature: Float64Array,
): Float64Array {
  const q = gradient.map((g) => -g);
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    for (let i = 0; i < q.length; i++) q[i]! -= alpha * y[i]!;
  }
  const newest = pairs.at(-1);
  let scale = 1;
  if (newest) {
    let yHy = 0;
    for (let i = 0; i < q.length; i++) yHy += newest.y[i]! ** 2 / curvature[i]!;
    scale = 1 / (newest.rho * yHy);
  }
  for (let i = 0; i < q.length; i++) q[i]! *= scale / curvature[i]!;
  for (const { s, y, rho } of pairs) {
    const beta = rho * dot(y, q);
    const alpha = alphas.pop()!;
    for (let i = 0; i < q.length; i++) q[i]! += (alpha - beta) * s[i]!;
  }
  return q;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
