// The choices of a reader: declared with a guess and its reason, so that the page can draw a form, and checked when given.
import { DataError } from './dataset';

export type ChoiceValue = string | number | boolean | string[];

/** What the user (or a recipe) decided, by key. Plain data: it is stored in the recipe as `data.reading`. */
export type Choices = Record<string, ChoiceValue>;

/** One decision about how files become examples; `value` is the guess. */
export type Choice = {
  key: string;
  label: string;
  /** One sentence. */
  help: string;
  /** Why `value` was guessed, in words. */
  reason?: string;
} & (
  | { kind: 'option'; options: { value: string; label: string }[]; value: string }
  /** One of the columns, or '' for none. */
  | { kind: 'column'; options: string[]; value: string }
  | { kind: 'columns'; options: string[]; value: string[] }
  | { kind: 'integer'; minimum: number; maximum: number; value: number; unit?: string }
  | { kind: 'switch'; value: boolean }
  | { kind: 'text'; value: string }
);

/** Names in a message: the first few, and how many more there are. */
export function listed(names: readonly string[], most = 12): string {
  const shown = names.slice(0, most).map((name) => `"${name}"`);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}

/**
 * The guesses of `declared`, replaced by what was `given`. `label: name` is short for putting that name first in `labels`.
 * Keys that are not declared are left out: a choice may apply to another layout of the same file.
 *
 * @throws DataError where a given value does not fit its declaration
 */
export function settle(file: string, declared: readonly Choice[], given: Choices): Choices {
  const wanted = { ...given };
  const labels = declared.find((choice) => choice.key === 'labels');
  if (typeof wanted.label === 'string' && labels?.kind === 'columns') {
    const others = Array.isArray(wanted.labels) ? wanted.labels : labels.value;
    const first = wanted.label;
    wanted.labels = [first, ...others.filter((name) => name !== first)];
  }
  return Object.fromEntries(
    declared.map((choice) => {
      const value = wanted[choice.key];
      if (value === undefined) return [choice.key, choice.value];
      const fault = choiceFault(choice, value);
      if (fault) {
        throw new DataError(
          file,
          `the choice "${choice.key}" ${fault}`,
          'Choose another value, or leave it out for a guess.',
        );
      }
      return [choice.key, value];
    }),
  );
}

function choiceFault(choice: Choice, value: ChoiceValue): string | undefined {
  switch (choice.kind) {
    case 'option': {
      const options = choice.options.map((option) => option.value);
      return options.includes(String(value))
        ? undefined
        : `is "${value}", not one of ${listed(options)}`;
    }
    case 'column':
      return value === '' || choice.options.includes(String(value))
        ? undefined
        : `names "${value}", which is not among ${listed(choice.options)}`;
    case 'columns': {
      if (!Array.isArray(value)) return 'must be a list of names';
      const known = new Set(choice.options);
      const unknown = value.filter((name) => !known.has(name));
      return unknown.length === 0
        ? undefined
        : `names ${listed(unknown)}, not among ${listed(choice.options)}`;
    }
    case 'integer':
      return Number.isInteger(value) &&
        Number(value) >= choice.minimum &&
        Number(value) <= choice.maximum
        ? undefined
        : `is ${value}, not a whole number from ${choice.minimum} to ${choice.maximum}`;
    case 'switch':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'text':
      return typeof value === 'string' ? undefined : 'must be text';
  }
}
