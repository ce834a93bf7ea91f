// Paired comparisons over few seeds: Student's t, exact for whole degrees of freedom.
import { deviation, mean } from '../metrics';

export interface PairedTest {
  /** Pairs. */
  count: number;
  /** Mean of the differences. */
  difference: number;
  /** 95 % interval of the mean difference; NaN where the differences have no spread to judge by. */
  interval: [number, number];
  /** Two-sided p-value of the paired t-test; 1 where all differences are 0, NaN for a single pair or no spread. */
  p: number;
}

/** Relative to the difference: less spread is rounding. */
const NO_SPREAD = 1e-9;

/** Tests whether `a` and `b`, paired by place, differ in the mean (Student 1908). */
export function pairedTest(a: ArrayLike<number>, b: ArrayLike<number>): PairedTest {
  const differences = Array.from(a, (value, i) => value - b[i]!);
  const count = differences.length;
  const difference = mean(differences);
  const error = deviation(differences) / Math.sqrt(count);
  // One pair, or measures of few examples that differ by the same step for every seed.
  if (!(error > NO_SPREAD * Math.abs(difference))) {
    const p = count > 1 && difference === 0 ? 1 : Number.NaN;
    return { count, difference, interval: [Number.NaN, Number.NaN], p };
  }
  const freedom = count - 1;
  const half = error * quantile(0.95, freedom);
  return {
    count,
    difference,
    interval: [difference - half, difference + half],
    p: 1 - withinT(Math.abs(difference / error), freedom),
  };
}

/**
 * Probability that |T| stays within `t` for Student's distribution with `freedom` degrees of freedom, a finite sum of powers of
 * a cosine (Abramowitz & Stegun 26.7.3 and 26.7.4).
 */
export function withinT(t: number, freedom: number): number {
  const angle = Math.atan2(t, Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < freedom; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/** The t that |T| stays within with probability `p`. */
export function quantile(p: number, freedom: number): number {
  let [low, high] = [0, 1];
  while (withinT(high, freedom) < p) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (withinT(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
