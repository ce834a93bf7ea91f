// Axes that hold still: round limits and round ticks, linear or logarithmic, so that a chart moves only when it must.

export interface Axis {
  domain: [number, number];
  ticks: number[];
}

/** Limits and ticks at 1, 2 or 5 times a power of ten, about `count` of them. */
export function linearAxis(low: number, high: number, count = 5): Axis {
  if (!(high > low)) {
    const margin = Math.abs(low) || 1;
    return linearAxis(low - margin / 2, low + margin / 2, count);
  }
  const step = roundUp((high - low) / count);
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  const ticks: number[] = [];
  // Multiples of the step, with the noise of floating point rounded off.
  for (let i = first; i <= last; i++) ticks.push(Number((i * step).toPrecision(12)));
  return { domain: [ticks[0]!, ticks.at(-1)!], ticks };
}

/** Limits and ticks at powers of ten, with 2 and 5 between them where the range is short. Needs `low > 0`. */
export function logarithmicAxis(low: number, high: number): Axis {
  const factors = Math.log10(high / low) > 3 ? [1] : [1, 2, 5];
  const marks: number[] = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
    for (const factor of factors) marks.push(Number(`${factor}e${e}`));
  }
  marks.push(Number(`1e${Math.ceil(Math.log10(high)) + 1}`));
  const first = marks.findLastIndex((mark) => mark <= low);
  let last = marks.findIndex((mark) => mark >= high);
  if (last <= first) last = first + 1;
  const ticks = marks.slice(Math.max(first, 0), last + 1);
  return { domain: [ticks[0]!, ticks.at(-1)!], ticks };
}

function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const fraction = value / power;
  // A hair of slack: 0.2 / 0.1 must not round up to 5.
  const factor = [1, 2, 5, 10].find((f) => fraction <= f * (1 + 1e-9))!;
  return factor * power;
}
