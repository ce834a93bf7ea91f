// What the formats of sequences and texts share (FASTA, FASTQ, plain text): records with names and fields -> tokens.

import type { Choice, Choices } from '../choices';
import { DataError, type Dataset, type Label } from '../dataset';
import type { Format, Input, Member, Proposal } from '../formats/format';
import { append } from '../lists';
import { type Reading, report } from '../reading';
import { annotate, annotationChoices, annotationFields } from '../side';
import { takeLabel, takeRows } from '../subset';
import { encodeSymbols, type SymbolChoices, symbolChoices } from '../symbols';
import { LabelColumn } from '../table/column';
import { plural } from '../table/features';

/** Bytes of each file that guesses and previews are made from. */
const SAMPLE = 1 << 20;

/** A sequence or text as it stands in a file. */
export interface SequenceRecord {
  /** As messages and tables beside the file call it. */
  name: string;
  text: string;
  /** What its header says, by field; each field may become a label. */
  fields: Record<string, string>;
}

export interface SequenceFormat extends Pick<Format, 'id' | 'title' | 'extensions' | 'detect'> {
  /** What one record is called in a summary, e.g. `sequence`. */
  noun: string;
  /** Choices of this format besides the common ones. */
  choices?(input: Input, given: Choices, reading: Reading): Promise<Choice[]>;
  /** The records of one file; `limit` stops after about that many bytes. */
  records(
    member: Member,
    input: Input,
    choices: Choices,
    reading: Reading,
    limit?: number,
  ): AsyncIterable<SequenceRecord[]>;
}

interface Records {
  records: SequenceRecord[];
  /** Part of the split of each record, where files state it. */
  split?: Uint8Array;
  own: Label[];
}

/** A format whose files hold sequences or texts. */
export function sequenceFormat(about: SequenceFormat): Format {
  const { id, title, extensions, detect } = about;
  return {
    id,
    title,
    extensions,
    detect,
    async propose(input, given, reading): Promise<Proposal> {
      const special = (await about.choices?.(input, given, reading)) ?? [];
      const guesses = Object.fromEntries(special.map(({ key, value }) => [key, value]));
      const found = await gather(about, input, { ...guesses, ...given }, reading, SAMPLE);
      const { records, own } = found;
      const annotation = await annotate(input.sides, keysOf(found, input), reading, true);
      const texts = records.filter(({ text }) => text).map(({ text }) => text);
      const size = input.members.reduce((sum, { source }) => sum + source.size, 0);
      const read = input.members.reduce(
        (sum, { source }) => sum + Math.min(SAMPLE, source.size),
        0,
      );
      const total = Math.round((records.length * size) / read);
      return {
        summary: `${read < size ? 'about ' : ''}${plural(total, about.noun)} in ${plural(input.members.length, 'file')}`,
        choices: [
          ...special,
          ...symbolChoices(texts, given),
          ...annotationChoices(annotation, own),
        ],
        sampled: read / size,
      };
    },
    async read(input, choices, reading, isSample = false): Promise<Dataset> {
      const found = await gather(about, input, choices, reading, isSample ? SAMPLE : undefined);
      const annotation = await annotate(input.sides, keysOf(found, input), reading, isSample);
      const fields = annotationFields(input.name, annotation, found.own, choices);
      const split = fields.split ?? found.split;
      const file = input.members.length === 1 ? input.members[0]!.source.path : input.name;
      const {
        source,
        offset: _,
        ...encoded
      } = encodeSymbols(
        file,
        found.records,
        choices as SymbolChoices,
        (record) => !split || split[record] === 0,
      );
      const isCut = source.length > new Set(source).size;
      const total = found.records.length;
      return {
        ...encoded,
        name: input.name,
        modality: (choices as SymbolChoices).modality,
        labels: fields.labels.map((label) => takeLabel(label, source, total)),
        groups: fields.groups
          ? { ...fields.groups, values: takeRows(fields.groups.values, 1, source) }
          : isCut
            ? { name: about.noun, values: source }
            : undefined,
        split: split && takeRows(split, 1, source),
        origin: { source: input.name },
        warnings: [...annotation.warnings, ...encoded.warnings],
      };
    },
  };
}

async function gather(
  about: SequenceFormat,
  input: Input,
  choices: Choices,
  reading: Reading,
  limit?: number,
): Promise<Records> {
  const records: SequenceRecord[] = [];
  const parts: number[] = [];
  for (const [m, member] of input.members.entries()) {
    for await (const batch of about.records(member, input, choices, reading, limit)) {
      append(records, batch);
      for (const _ of batch) if (member.part !== undefined) parts.push(member.part);
    }
    report(reading, (m + 1) / input.members.length, `reading ${member.source.path}`);
  }
  if (records.every(({ text }) => text === '')) {
    throw new DataError(
      input.members[0]!.source.path,
      `holds no ${about.noun}`,
      'Choose a file with data in it.',
    );
  }
  return {
    records,
    split: parts.length === records.length ? Uint8Array.from(parts) : undefined,
    own: labelsOf(records),
  };
}

/** A label of every field of the headers that says the same of several records, the likeliest first. */
function labelsOf(records: SequenceRecord[]): Label[] {
  const names = new Set(records.flatMap(({ fields }) => Object.keys(fields)));
  const most = Math.max(2, records.length / 5);
  return [...names].flatMap((name) => {
    const column = new LabelColumn(name, false);
    for (const { fields } of records) column.push(fields[name]);
    const label = column.label();
    const isUseful =
      label.kind === 'number' ||
      (label.kind === 'class' && label.classes.length >= 2 && label.classes.length <= most);
    return isUseful ? [label] : [];
  });
}

function keysOf({ records, split }: Records, input: Input) {
  const isStated = input.members.some(({ part }) => part !== undefined);
  return records.map(({ name }, i) => ({
    name,
    part: isStated ? (split?.[i] as Member['part']) : undefined,
  }));
}
