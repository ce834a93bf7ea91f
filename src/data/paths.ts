// What the paths of many files say about them: their folders and the parts of their names, as labels.

import type { Label } from './dataset';
import { largest } from './lists';
import { partOfWord } from './part';
import { baseName, stem } from './source';
import { LabelColumn } from './table/column';

/** Parts that a file name is taken to have. */
const MOST_NAME_PARTS = 8;

/**
 * Labels that paths give, the likeliest first: the folder that tells most files apart, further folders, then the parts of
 * names that all files have (`7_george_3.wav`). Folders that only name a part of the split do not count.
 */
export function pathLabels(paths: readonly string[]): Label[] {
  return [...folderLabels(paths), ...nameLabels(paths)];
}

/** Whether a label of `pathLabels` comes from folders, which are made to tell classes apart; names often are not. */
export const isFolderLabel = ({ name }: Label) => name.startsWith('folder');

function folderLabels(paths: readonly string[]): Label[] {
  const folders = paths.map((path) =>
    path
      .split('/')
      .slice(0, -1)
      .filter((folder) => partOfWord(folder) === undefined),
  );
  const depth = largest(folders.map((path) => path.length));
  const labels: Label[] = [];
  // From the folder right above the files upwards.
  for (let level = 1; level <= depth; level++) {
    const cells = folders.map((path) => path.at(-level));
    const distinct = new Set(cells);
    if (distinct.size < 2 || distinct.size > Math.max(2, paths.length / 2)) continue;
    labels.push(toLabel(labels.length === 0 ? 'folder' : `folder ${labels.length + 1}`, cells));
  }
  return labels;
}

function nameLabels(paths: readonly string[]): Label[] {
  const split = (path: string) => stem(baseName(path)).split(/[_\-.\s]+/);
  const parts = paths.map(split);
  const [first] = parts;
  const width = first?.length ?? 0;
  if (width > MOST_NAME_PARTS || parts.some((part) => part.length !== width)) return [];
  // A name of one part may still begin with its class: `cat12.jpg`.
  const columns =
    width === 1
      ? [parts.map(([name]) => /^(\p{L}+)\d+$/u.exec(name!)?.[1])]
      : Array.from({ length: width }, (_, c) => parts.map((part) => part[c]));
  return columns.flatMap((cells, c) => {
    const distinct = new Set(cells);
    const isClass =
      distinct.size >= 2 && distinct.size <= paths.length / 5 && !distinct.has(undefined);
    return isClass ? [toLabel(`name part ${c + 1}`, cells)] : [];
  });
}

function toLabel(name: string, cells: (string | undefined)[]): Label {
  const column = new LabelColumn(name, false);
  for (const cell of cells) column.push(cell);
  const label = column.label();
  // Folders called 0.1 and 0.2 are classes all the same.
  if (label.kind === 'class') return label;
  const classes = [...new Set(cells.filter((cell) => cell !== undefined))].sort();
  const ids = new Map(classes.map((text, id) => [text, id]));
  const values = Int32Array.from(cells, (cell) => (cell === undefined ? -1 : ids.get(cell)!));
  return { kind: 'class', name, classes, values };
}
