// What a file format is to the rest of the project: how it is recognised, what it proposes, how it is read.
import type { Choice, Choices } from '../choices';
import type { Dataset } from '../dataset';
import type { Part } from '../part';
import type { Reading } from '../reading';
import type { Source } from '../source';
import type { Table } from '../table/table';

export interface Detection {
  /** How sure: 1 the content proves it, 0.5 the content fits, below that only the name says so. */
  score: number;
  /** In words for the user, e.g. `the first lines hold 9 fields separated by commas`. */
  reason: string;
}

/** The first bytes of a file. */
export interface Head {
  path: string;
  bytes: Uint8Array;
  /** The bytes are the whole file. */
  isWhole: boolean;
}

/** A file of the data set. */
export interface Member {
  source: Source;
  /** The part of a split that its name states. */
  part?: Part;
}

/** What a reader reads: files of its format, and tables beside them that may hold labels. */
export interface Input {
  name: string;
  members: Member[];
  sides: Side[];
}

/** A table beside the data. */
export interface Side {
  source: Source;
  open(reading: Reading): Promise<Table>;
}

/** Rows as they stand in the file, for the dialog. */
export interface TablePreview {
  columns: { name: string; kind: string }[];
  rows: string[][];
}

/** What a format makes of its input before reading it. */
export interface Proposal {
  /** What was found, e.g. `40 recordings of 100 steps`. */
  summary: string;
  choices: Choice[];
  table?: TablePreview;
  /** Share of the data that a sample reading covers, in (0, 1]. */
  sampled: number;
}

export interface Format {
  id: string;
  title: string;
  /** Extensions in lower case, without dot. */
  extensions: string[];
  /** Its files are tables, which beside other data may hold labels. */
  isTable?: boolean;
  /** Tables: opens one with everything guessed. */
  openTable?(member: Member, reading: Reading): Promise<Table>;
  /** Recognises a file by its first bytes and its name. */
  detect(head: Head): Detection | undefined;
  /** Guesses how the input becomes examples, around what is `given`. */
  propose(input: Input, given: Choices, reading: Reading): Promise<Proposal>;
  /**
   * Reads the input; `choices` are those of the proposal, settled.
   *
   * @param isSample read a small part only, enough for a preview
   * @throws DataError
   */
  read(input: Input, choices: Choices, reading: Reading, isSample?: boolean): Promise<Dataset>;
}
