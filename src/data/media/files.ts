// What pictures and recordings share: every file is an example, labels come from folders, names and tables beside them.
import type { Choice, Choices } from '../choices';
import { captionOf } from '../companions';
import { DataError, type Dataset } from '../dataset';
import type { Input, Member } from '../formats/format';
import { isFolderLabel, pathLabels } from '../paths';
import { type Reading, report } from '../reading';
import { type Annotation, annotate, annotationChoices, annotationFields } from '../side';
import { baseName } from '../source';
import { takeLabel, takeRows } from '../subset';

/** Files that guesses and previews are made from. */
const SAMPLE = 16;
/** Files that are named in a warning. */
const NAMED = 3;

/** The choice of what happens to files that cannot be read. */
export const damagedChoice: Choice = {
  key: 'damaged',
  label: 'Damaged files',
  help: 'Leave them out and say which, or stop at the first.',
  kind: 'option',
  options: [
    { value: 'leave out', label: 'Leave out' },
    { value: 'stop', label: 'Stop' },
  ],
  value: 'leave out',
};

/** Some files, spread over all of them; all where they are few. */
export function sampleOf(members: readonly Member[]): Member[] {
  const count = Math.min(SAMPLE, members.length);
  return Array.from(
    { length: count },
    (_, i) => members[Math.floor((i * members.length) / count)]!,
  );
}

/**
 * Reads files one after the other; those that are bad are left out, unless the choice is to stop.
 *
 * @param read reads one file; throws a DataError where it cannot
 * @returns what was read, from which member each comes, and warnings
 * @throws DataError where no file can be read
 */
export async function readEach<T>(
  members: readonly Member[],
  damaged: Choices[string] | undefined,
  reading: Reading,
  read: (member: Member) => Promise<T>,
): Promise<{ items: T[]; kept: Int32Array; warnings: string[] }> {
  const items: T[] = [];
  const kept: number[] = [];
  const faults: DataError[] = [];
  for (const [i, member] of members.entries()) {
    report(reading, i / members.length, `reading ${baseName(member.source.path)}`);
    try {
      items.push(await read(member));
      kept.push(i);
    } catch (error) {
      if (!(error instanceof DataError) || damaged === 'stop') throw error;
      faults.push(error);
    }
  }
  if (items.length === 0)
    throw faults[0] ?? new DataError('Nothing', 'no file was given', 'Choose some.');
  const shown = faults.slice(0, NAMED).map(({ file, fault }) => `${file} ${fault}`);
  const rest = faults.length - shown.length;
  return {
    items,
    kept: Int32Array.from(kept),
    warnings:
      faults.length > 0
        ? [
            `${faults.length} of ${members.length} files are left out: ${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`,
          ]
        : [],
  };
}

/** Labels that the files' places and tables beside them give. */
export async function describeFiles(input: Input, reading: Reading) {
  const own = pathLabels(input.members.map(({ source }) => source.path));
  const keys = input.members.map(({ source, part }) => ({ name: source.path, part }));
  const annotation = await annotate(input.sides, keys, reading);
  // What is guessed to be shown to the model is no label.
  const caption = captionOf(annotation.columns);
  const guess = annotation.guess.filter((name) => name !== caption);
  return { own, annotation: { ...annotation, guess } };
}

type Described = Awaited<ReturnType<typeof describeFiles>>;

/** The choices of labels; parts of names are offered, and only guessed where nothing else tells files apart. */
export function fileChoices({ own, annotation }: Described): Choice[] {
  const choices = annotationChoices(annotation, own);
  const better = [...annotation.guess, ...own.filter(isFolderLabel).map(({ name }) => name)];
  return choices.map((choice) => {
    if (choice.key !== 'labels' || choice.kind !== 'columns') return choice;
    const value = choice.value.filter((name) => better.includes(name));
    const isBetter = value.length > 0;
    const reason =
      choice.reason ??
      (isBetter
        ? 'files lie in folders'
        : choice.value.length > 0
          ? 'names of files share parts'
          : undefined);
    return { ...choice, value: isBetter ? value : choice.value.slice(0, 1), reason };
  });
}

/** Labels, groups and split of the examples that `rows` (members) name, several of one member where it was cut. */
export function fileFields(
  input: Input,
  { own, annotation }: { own: Described['own']; annotation: Annotation },
  choices: Choices,
  rows: Int32Array,
): Pick<Dataset, 'labels' | 'groups' | 'split'> {
  const fields = annotationFields(input.name, annotation, own, choices);
  const count = input.members.length;
  const isStated = input.members.every(({ part }) => part !== undefined);
  const split =
    fields.split ?? (isStated ? Uint8Array.from(input.members, ({ part }) => part!) : undefined);
  return {
    labels: fields.labels.map((label) => takeLabel(label, rows, count)),
    groups: fields.groups && { ...fields.groups, values: takeRows(fields.groups.values, 1, rows) },
    split: split && takeRows(split, 1, rows),
  };
}
