// Arithmetic of indices: whole-number expressions in loop variables, kept in a normal form in which equal indices are
// equal strings. This is what turns reshapes, transposes, slices and concatenations into addresses.
//
// An index is a sum  c + Σ cᵢ·aᵢ  of atoms: variables, quotients ⌊e/n⌋ and remainders e mod n (of the floor), with known ranges.

export type Atom =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'quotient'; readonly of: Index; readonly by: number }
  | { readonly kind: 'remainder'; readonly of: Index; readonly by: number }
  /** `of`, known to lie in [0, extent) wherever the value matters (inside a padding, say). */
  | { readonly kind: 'bounded'; readonly of: Index };

export interface Term {
  readonly factor: number;
  readonly atom: Atom;
  readonly key: string;
  readonly min: number;
  readonly max: number;
}

export interface Index {
  readonly constant: number;
  /** Sorted by key; no factor is 0. */
  readonly terms: readonly Term[];
  readonly key: string;
  readonly min: number;
  readonly max: number;
}

function make(constant: number, terms: readonly Term[]): Index {
  const sorted = terms.length > 1 ? [...terms].sort((a, b) => (a.key < b.key ? -1 : 1)) : terms;
  let [min, max] = [constant, constant];
  let key = String(constant);
  for (const t of sorted) {
    min += t.factor * (t.factor > 0 ? t.min : t.max);
    max += t.factor * (t.factor > 0 ? t.max : t.min);
    key += `+${t.factor}${t.key}`;
  }
  return { constant, terms: sorted, key, min, max };
}

const single = (atom: Atom, key: string, min: number, max: number): Index =>
  make(0, [{ factor: 1, atom, key, min, max }]);

export const constant = (value: number): Index => make(value, []);
export const zero = constant(0);

/** A variable that runs over 0..extent-1; one of extent 1 is the number 0. */
export const variable = (name: string, extent: number): Index =>
  extent === 1 ? zero : single({ kind: 'variable', name }, name, 0, extent - 1);

/** `index`, whose value matters only where it lies in [0, extent). */
export function bounded(index: Index, extent: number): Index {
  if (index.min >= 0 && index.max < extent) return index;
  if (extent === 1) return zero;
  return single({ kind: 'bounded', of: index }, `[${index.key}<${extent}]`, 0, extent - 1);
}

export function scale(index: Index, factor: number): Index {
  if (factor === 1) return index;
  if (factor === 0) return zero;
  return make(
    index.constant * factor + 0,
    index.terms.map((t) => ({ ...t, factor: t.factor * factor })),
  );
}

export function add(a: Index, b: Index): Index {
  if (a.terms.length === 0 && a.constant === 0) return b;
  if (b.terms.length === 0 && b.constant === 0) return a;
  const terms = new Map(a.terms.map((t) => [t.key, t]));
  for (const t of b.terms) {
    const known = terms.get(t.key);
    const factor = t.factor + (known?.factor ?? 0);
    if (factor === 0) terms.delete(t.key);
    else terms.set(t.key, { ...t, factor });
  }
  return rejoined(make(a.constant + b.constant, [...terms.values()]));
}

export const addConstant = (a: Index, value: number): Index =>
  value === 0 ? a : make(a.constant + value, a.terms);

/** c·n·⌊e/n⌋ + c·(e mod n) is c·e, and c·n·(⌊e/n⌋ mod m) + c·(e mod n) is c·(e mod n·m). */
function rejoined(index: Index): Index {
  for (const t of index.terms) {
    if (t.atom.kind !== 'remainder') continue;
    const { of, by } = t.atom;
    const q = quotient(of, by);
    const whole = q.constant === 0 && q.terms.length === 1 && q.terms[0]!.factor === 1;
    for (const partner of index.terms) {
      if (partner === t || partner.factor !== t.factor * by) continue;
      let joined: Index | undefined;
      if (whole && partner.key === q.terms[0]!.key) joined = of;
      else if (partner.atom.kind === 'remainder' && partner.atom.of.key === q.key) {
        joined = remainder(of, by * partner.atom.by);
      }
      if (!joined) continue;
      const rest = make(
        index.constant,
        index.terms.filter((o) => o !== t && o !== partner),
      );
      return add(rest, scale(joined, t.factor));
    }
  }
  return index;
}

const floorMod = (a: number, n: number): number => ((a % n) + n) % n;
const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

/** e = n·whole + rest, as far as the factors show it. */
function extract(e: Index, n: number): { whole: Index; rest: Index } {
  const remainder = floorMod(e.constant, n);
  return {
    whole: make(
      (e.constant - remainder) / n,
      e.terms.filter((t) => t.factor % n === 0).map((t) => ({ ...t, factor: t.factor / n })),
    ),
    rest: make(
      remainder,
      e.terms.filter((t) => t.factor % n !== 0),
    ),
  };
}

/** e = g·coarse + fine with 0 <= fine < g and g a divisor of n, g > 1. */
function layered(e: Index, n: number): { g: number; coarse: Index; fine: Index } | undefined {
  const bySize = [...e.terms].sort((a, b) => Math.abs(a.factor) - Math.abs(b.factor));
  for (let split = 0; split < bySize.length; split++) {
    const big = bySize.slice(split);
    const g = big.reduce((divisor, t) => gcd(divisor, t.factor), n);
    if (g === 1) continue;
    const remainder = floorMod(e.constant, g);
    const fine = make(remainder, bySize.slice(0, split));
    if (fine.min < 0 || fine.max >= g) continue;
    const coarse = make(
      (e.constant - remainder) / g,
      big.map((t) => ({ ...t, factor: t.factor / g })),
    );
    return { g, coarse, fine };
  }
  return undefined;
}

const onlyAtom = (e: Index): Atom | undefined =>
  e.constant === 0 && e.terms.length === 1 && e.terms[0]!.factor === 1
    ? e.terms[0]!.atom
    : undefined;

/** ⌊e/n⌋ */
export function quotient(e: Index, n: number): Index {
  if (n === 1) return e;
  const { whole, rest } = extract(e, n);
  if (rest.min >= 0 && rest.max < n) return whole;
  const layers = layered(rest, n);
  if (layers) return add(whole, quotient(layers.coarse, n / layers.g));
  const atom = onlyAtom(rest);
  if (atom?.kind === 'quotient') return add(whole, quotient(atom.of, atom.by * n));
  if (atom?.kind === 'remainder' && atom.by % n === 0) {
    return add(whole, remainder(quotient(atom.of, n), atom.by / n));
  }
  const q = single(
    { kind: 'quotient', of: rest, by: n },
    `(${rest.key}/${n})`,
    Math.floor(rest.min / n),
    Math.floor(rest.max / n),
  );
  return add(whole, q);
}

/** e mod n, in [0, n) */
export function remainder(e: Index, n: number): Index {
  if (n === 1) return zero;
  const { rest } = extract(e, n);
  if (rest.min >= 0 && rest.max < n) return rest;
  const layers = layered(rest, n);
  if (layers) {
    return add(scale(remainder(layers.coarse, n / layers.g), layers.g), layers.fine);
  }
  const atom = onlyAtom(rest);
  if (atom?.kind === 'remainder' && atom.by % n === 0) return remainder(atom.of, n);
  return single({ kind: 'remainder', of: rest, by: n }, `(${rest.key}%${n})`, 0, n - 1);
}

/** Row-major offset of coordinates. */
export function linear(coordinates: readonly Index[], shape: readonly number[]): Index {
  let offset = zero;
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    offset = add(offset, scale(coordinates[i]!, stride));
    stride *= shape[i]!;
  }
  return offset;
}

/** Coordinates of a row-major offset. */
export function coordinates(offset: Index, shape: readonly number[]): Index[] {
  const result = new Array<Index>(shape.length);
  let rest = offset;
  for (let i = shape.length - 1; i >= 0; i--) {
    result[i] = i === 0 && rest.max < shape[0]! ? rest : remainder(rest, shape[i]!);
    if (i > 0) rest = quotient(rest, shape[i]!);
  }
  return result;
}

/** Coordinates in one shape of an element whose coordinates in another shape of the same size are given. */
export function reshaped(
  at: readonly Index[],
  from: readonly number[],
  to: readonly number[],
): Index[] {
  const result: Index[] = [];
  let [i, j] = [0, 0];
  // Groups of axes with equal products are converted apart: untouched axes stay untouched.
  while (i < from.length || j < to.length) {
    const [start, end] = [i, j];
    let [left, right] = [from[i++] ?? 1, to[j++] ?? 1];
    while (left !== right) {
      if (left < right) left *= from[i++]!;
      else right *= to[j++]!;
    }
    const group = linear(at.slice(start, i), from.slice(start, i));
    result.push(...coordinates(group, to.slice(end, j)));
  }
  return result.slice(0, to.length);
}

/** Puts indices in place of variables. */
export function substitute(e: Index, values: ReadonlyMap<string, Index>): Index {
  let result = constant(e.constant);
  for (const t of e.terms) result = add(result, scale(substituteAtom(t, values), t.factor));
  return result;
}

function substituteAtom(t: Term, values: ReadonlyMap<string, Index>): Index {
  const { atom } = t;
  switch (atom.kind) {
    case 'variable':
      return values.get(atom.name) ?? single(atom, t.key, t.min, t.max);
    case 'quotient':
      return quotient(substitute(atom.of, values), atom.by);
    case 'remainder':
      return remainder(substitute(atom.of, values), atom.by);
    case 'bounded':
      return bounded(substitute(atom.of, values), t.max + 1);
  }
}

/** Removes the knowledge of bounds, so that what is bounded joins the sum around it. */
export function unbounded(e: Index): Index {
  let result = constant(e.constant);
  for (const t of e.terms) {
    const inner =
      t.atom.kind === 'bounded' ? unbounded(t.atom.of) : single(t.atom, t.key, t.min, t.max);
    result = add(result, scale(inner, t.factor));
  }
  return result;
}

/** Names of the variables in an index. */
export function variablesOf(e: Index, into: Set<string> = new Set()): Set<string> {
  for (const { atom } of e.terms) {
    if (atom.kind === 'variable') into.add(atom.name);
    else variablesOf(atom.of, into);
  }
  return into;
}

/**
 * How an index depends on a variable: `e = base + factor · variable`; undefined where the variable stands inside a quotient
 * or remainder.
 */
export function linearIn(e: Index, name: string): { base: Index; factor: number } | undefined {
  let factor = 0;
  const rest: Term[] = [];
  for (const t of e.terms) {
    if (t.atom.kind === 'variable') {
      if (t.atom.name === name) factor = t.factor;
      else rest.push(t);
    } else if (variablesOf(t.atom.of).has(name)) return undefined;
    else rest.push(t);
  }
  return { base: factor === 0 ? e : make(e.constant, rest), factor };
}

/** Whether every value of an index is a multiple of n, as far as its factors show. */
export const divisible = (e: Index, n: number): boolean =>
  e.constant % n === 0 && e.terms.every((t) => t.factor % n === 0);

/** The number that an index is for given values of its variables. */
export function evaluateIndex(e: Index, values: (name: string) => number): number {
  let sum = e.constant;
  for (const { atom, factor } of e.terms) {
    if (atom.kind === 'variable') sum += factor * values(atom.name);
    else {
      const inner = evaluateIndex(atom.of, values);
      if (atom.kind === 'bounded') sum += factor * inner;
      else if (atom.kind === 'quotient') sum += factor * Math.floor(inner / atom.by);
      else sum += factor * floorMod(inner, atom.by);
    }
  }
  return sum;
}
