// Which array of an input is which: by name and part of the split, with the labels that lie in other arrays or folders.
import { listed } from '../choices';
import { DataError, type Label } from '../dataset';
import type { Input } from '../formats/format';
import { type Part, partOfWord, partsOfPaths } from '../part';
import { isFolderLabel, pathLabels } from '../paths';
import { type Reading, report } from '../reading';
import type { ExampleKey } from '../side';
import { baseName } from '../source';
import type { Cell } from '../table/cell';
import { LabelColumn } from '../table/column';
import { type ArraySource, elements, type OpenArrays, stack } from './arraySource';

/** Arrays of one shape from which each is rather an example than a data set. */
const FEWEST_EXAMPLES = 8;
const LABEL_NAME = /^(y|label|labels|target|targets|class|classes|category|lbl|gt)$/i;

/** The arrays of an input by name, one a part of the split. */
export interface Collection {
  byName: Map<string, ArraySource[]>;
  /** Paths of examples that are a file each. */
  paths?: string[];
}

export async function gather(
  input: Input,
  open: OpenArrays,
  reading: Reading,
): Promise<Collection> {
  const arrays: ArraySource[] = [];
  for (const [i, { source }] of input.members.entries()) {
    report(reading, (0.2 * i) / input.members.length, `opening ${source.path}`);
    arrays.push(...(await open(source)));
  }
  const parts = partsOfPaths(arrays.map(({ path }) => path));
  const withParts = arrays.map((array, i) => ({ ...array, part: parts[i] }));
  withParts.sort((a, b) => (a.part ?? 0) - (b.part ?? 0));
  const [first] = withParts;
  if (!first) throw new DataError(input.name, 'holds no arrays', 'Choose another file.');

  const isUniform = withParts.every(({ shape }) => String(shape) === String(first.shape));
  if (isUniform && withParts.length >= FEWEST_EXAMPLES && first.shape.length < 4) {
    const byPart = new Map<Part | undefined, ArraySource[]>();
    for (const array of withParts)
      byPart.set(array.part, [...(byPart.get(array.part) ?? []), array]);
    return {
      byName: new Map([['files', [...byPart.values()].map(stack)]]),
      paths: withParts.map(({ path }) => path),
    };
  }
  const byName = new Map<string, ArraySource[]>();
  for (const array of withParts) {
    const name = nameWithoutPart(array);
    byName.set(name, [...(byName.get(name) ?? []), array]);
  }
  return { byName };
}

/** `x_train` is the array `x` of the training part. */
function nameWithoutPart({ name, part }: ArraySource): string {
  if (part === undefined) return name;
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => partOfWord(word) === undefined);
  return words.join('_') || 'data';
}

/** The array with the most values is the data. */
export function guessData({ byName }: Collection): string {
  const size = (arrays: ArraySource[]) => {
    const isData = arrays[0]!.kind === 'number' && arrays[0]!.shape.length > 1;
    return isData ? arrays.reduce((sum, { shape }) => sum + elements(shape), 0) : 0;
  };
  return [...byName].reduce((a, b) => (size(b[1]) > size(a[1]) ? b : a))[0];
}

export function partsFor(input: Input, { byName }: Collection, name: string): ArraySource[] {
  const parts = byName.get(name);
  if (!parts) {
    throw new DataError(
      input.name,
      `has no array "${name}"`,
      `Choose one of ${listed([...byName.keys()])}.`,
    );
  }
  const [first] = parts;
  if (first!.kind === 'text' || elements(first!.shape) === 0 || first!.shape.length < 2) {
    throw new DataError(
      first!.path,
      first!.kind === 'text' ? 'holds text' : `has the shape (${first!.shape.join(', ')})`,
      'Bring an array of numbers with 2 axes or more, examples first.',
    );
  }
  for (const { path, shape } of parts) {
    const fits =
      shape.length === first!.shape.length &&
      shape.slice(1).every((extent, i) => extent === first!.shape[i + 1]);
    if (!fits) {
      throw new DataError(
        path,
        `has the shape ${shape.join(' x ')}, which does not go with ${first!.shape.join(' x ')} of ${baseName(first!.path)}`,
        'Bring arrays that differ in the number of examples only.',
      );
    }
  }
  return parts;
}

export function exampleCount(parts: ArraySource[], axes: string): number {
  const axis = axes.indexOf('N');
  return axis < 0 ? 0 : parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
}

export function exampleKeys(
  { paths }: Collection,
  parts: ArraySource[],
  axes: string,
): ExampleKey[] {
  const axis = axes.indexOf('N');
  if (axis < 0) return [];
  const keys = parts.flatMap(({ shape, part }) =>
    Array.from({ length: shape[axis]! }, (): ExampleKey => ({ part })),
  );
  return keys.map((key, i) => ({ ...key, name: paths?.[i] }));
}

/** Labels from the other arrays that have a value for every example, and from folders where every example is a file. */
export async function ownLabels(
  arrays: Collection,
  data: string,
  parts: ArraySource[],
  axes: string,
): Promise<Label[]> {
  const axis = axes.indexOf('N');
  const labels: Label[] = [];
  const isLabel = (candidates: ArraySource[]) =>
    candidates.length === parts.length &&
    candidates.every(
      ({ shape, part }, i) => elements(shape) === parts[i]!.shape[axis] && part === parts[i]!.part,
    );
  const candidates = [...arrays.byName].filter(([name, found]) => name !== data && isLabel(found));
  candidates.sort((a, b) => Number(LABEL_NAME.test(b[0])) - Number(LABEL_NAME.test(a[0])));
  for (const [name, found] of candidates) {
    const cells: Cell[] = [];
    for (const array of found) for (const value of await array.load()) cells.push(value);
    labels.push(toLabel(name, cells));
  }
  if (arrays.paths) labels.push(...pathLabels(arrays.paths).filter(isFolderLabel));
  return labels;
}

function toLabel(name: string, cells: Cell[]): Label {
  const column = new LabelColumn(name, false);
  for (const cell of cells) column.push(cell);
  return column.label();
}
