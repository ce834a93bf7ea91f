// JSON that somebody else wrote, checked before it is believed: size, depth, keys that reach for a prototype, and a schema.
import { DataError } from '../data/dataset';
import { parseJson } from './json';

/** Keys by which a careless copy would change every object. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);
const MAXIMUM_LENGTH = 4_000_000;
const MAXIMUM_DEPTH = 32;
const REMEDY = 'Use a file that this page or the reference implementation made.';

/**
 * Parses JSON that somebody else wrote.
 *
 * @param file name of the file, and `place` in it, for messages
 * @throws DataError where the text is too long, too deep, no JSON, or has a reserved or repeated key
 */
function parseUntrusted(text: string, file: string, place: string): unknown {
  const refuse = (fault: string) => {
    throw new DataError(file, `${place} ${fault}`, REMEDY);
  };
  if (text.length > MAXIMUM_LENGTH)
    return refuse(`has ${text.length} characters, ${MAXIMUM_LENGTH} are allowed`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(`is not valid JSON: ${error.message}`);
    throw error;
  }
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAXIMUM_DEPTH) refuse(`is nested more than ${MAXIMUM_DEPTH} deep`);
    const containers = level.filter((item) => typeof item === 'object' && item !== null);
    for (const item of containers) {
      const reserved = Object.keys(item as object).find((key) => RESERVED.has(key));
      if (reserved) refuse(`has the reserved key "${reserved}"`);
    }
    level = containers.flatMap((item) => Object.values(item as object));
  }
  return value;
}

/** What of a zod schema is needed here. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: Issues } };
}
type Issues = readonly { path: PropertyKey[]; message: string }[];

/**
 * Parses text and checks it by a schema.
 *
 * @throws DataError as `parseUntrusted`, and where the schema is not met
 */
export function parseAs<T>(schema: Schema<T>, text: string, file: string, place: string): T {
  return check(schema, parseUntrusted(text, file, place), file, place);
}

/** @throws DataError that names the first value that does not meet the schema */
export function check<T>(schema: Schema<T>, value: unknown, file: string, place: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const { path, message } = issues[0]!;
  const at = path.length > 0 ? ` at ${path.join('.')}` : '';
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  throw new DataError(file, `${place} is not valid${at}: ${message}${more}`, REMEDY);
}
