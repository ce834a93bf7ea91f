// How points are told apart by their label: a colour and a shape a class, a colour and a size a range of numbers.
import type { SnapshotLabel } from '../../evaluate/snapshot';
import { measure } from '../format';

export const shapes = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'cross',
  'plus',
  'wedge',
  'ring',
] as const;
export type Shape = (typeof shapes)[number];

export interface Mark {
  /** In words, for the legend. */
  name: string;
  /** A colour of the page. */
  colour: string;
  shape: Shape;
  /** Half its width, in pixels. */
  size: number;
}

export interface Marking {
  /** The legend, in its order. */
  marks: Mark[];
  /** The mark of each point. */
  of: Mark[];
}

const SIZE = 3.5;
/** Ranges of a number, as many points in each. */
const RANGES = 5;
const plain: Mark = { name: 'example', colour: 'var(--ink-faint)', shape: 'circle', size: SIZE };

/** Marks for `count` points; the classes beyond the shapes that there are share a grey ring. */
export function markPoints(label: SnapshotLabel | undefined, count: number): Marking {
  if (!label) return { marks: [], of: Array<Mark>(count).fill(plain) };
  return label.kind === 'class' ? markClasses(label) : markNumbers(label);
}

function markClasses(label: Extract<SnapshotLabel, { kind: 'class' }>): Marking {
  const { classes, values } = label;
  const counts = classes.map(() => 0);
  for (const value of values) if (value >= 0) counts[value]!++;
  const present = [...classes.keys()].filter((c) => counts[c]! > 0);
  const own = present
    .toSorted((a, b) => counts[b]! - counts[a]!)
    .slice(0, ownMarks(present.length));
  const rest: Mark = { name: 'other', colour: 'var(--ink-faint)', shape: 'ring', size: SIZE };
  const byClass = new Map(
    own
      .toSorted((a, b) => a - b)
      .map((c, i) => [
        c,
        { name: classes[c]!, colour: `var(--class-${i})`, shape: shapes[i]!, size: SIZE },
      ]),
  );
  const of = Array.from(values, (value) => byClass.get(value) ?? rest);
  return { marks: [...byClass.values(), ...(of.includes(rest) ? [rest] : [])], of };
}

/** All of them where the shapes suffice; else one shape is left for the others. */
function ownMarks(present: number): number {
  return present <= shapes.length ? shapes.length : shapes.length - 1;
}

function markNumbers(label: Extract<SnapshotLabel, { kind: 'number' }>): Marking {
  const known = label.values.filter(Number.isFinite).sort();
  const unknown: Mark = { name: 'unknown', colour: 'var(--ink-faint)', shape: 'cross', size: 2.5 };
  if (known.length === 0) return { marks: [unknown], of: Array.from(label.values, () => unknown) };
  const bounds = Array.from(
    { length: RANGES + 1 },
    (_, i) => known[Math.min(known.length - 1, Math.floor((i * known.length) / RANGES))]!,
  );
  const unit = label.unit ? `\u202f${label.unit}` : '';
  const marks = Array.from({ length: RANGES }, (_, i) => ({
    name: `${measure(bounds[i])} to ${measure(bounds[i + 1])}${unit}`,
    colour: `var(--range-${i})`,
    shape: 'circle' as const,
    size: 2 + 0.75 * i,
  }));
  const rangeOf = (value: number) => {
    const above = bounds.findLastIndex((bound) => value >= bound);
    return marks[Math.min(RANGES - 1, Math.max(0, above))]!;
  };
  const of = Array.from(label.values, (v) => (Number.isFinite(v) ? rangeOf(v) : unknown));
  return { marks: [...marks, ...(of.includes(unknown) ? [unknown] : [])], of };
}

/** The outline of a shape as SVG path data about the origin: for the legend, and on a canvas by Path2D. */
export function pathOf(shape: Shape, size: number): string {
  const s = size;
  const circle = `M${s},0A${s},${s},0,1,1,${-s},0A${s},${s},0,1,1,${s},0Z`;
  const arm = s * 0.38;
  switch (shape) {
    case 'circle':
      return circle;
    case 'square':
      return `M${-s * 0.9},${-s * 0.9}h${1.8 * s}v${1.8 * s}h${-1.8 * s}Z`;
    case 'triangle':
      return `M0,${-s * 1.15}L${s * 1.1},${s * 0.85}L${-s * 1.1},${s * 0.85}Z`;
    case 'wedge':
      return `M0,${s * 1.15}L${s * 1.1},${-s * 0.85}L${-s * 1.1},${-s * 0.85}Z`;
    case 'diamond':
      return `M0,${-s * 1.3}L${s * 1.1},0L0,${s * 1.3}L${-s * 1.1},0Z`;
    case 'plus':
      return `M${-arm},${-s * 1.2}h${2 * arm}v${1.2 * s - arm}h${1.2 * s - arm}v${2 * arm}h${arm - 1.2 * s}v${1.2 * s - arm}h${-2 * arm}v${arm - 1.2 * s}h${arm - 1.2 * s}v${-2 * arm}h${1.2 * s - arm}Z`;
    case 'cross': {
      const [a, b] = [s * 1.1, arm * 1.2];
      return `M${-a},${-a + b}L${-a + b},${-a}L0,${-b}L${a - b},${-a}L${a},${-a + b}L${b},0L${a},${a - b}L${a - b},${a}L0,${b}L${-a + b},${a}L${-a},${a - b}L${-b},0Z`;
    }
    case 'ring': {
      const r = s * 0.55;
      // The hole turns the other way round.
      return `${circle}M${r},0A${r},${r},0,1,0,${-r},0A${r},${r},0,1,0,${r},0Z`;
    }
  }
}
