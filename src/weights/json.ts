// JSON as a file format needs it: a key given twice is refused, where JSON.parse would silently keep the last.

/** A string, or a mark that opens, closes or follows a key; numbers and literals need no look. */
const token = /"(?:[^"\\]|\\.)*"|[{}:]/g;

/**
 * Parses JSON text.
 *
 * @throws SyntaxError where the text is not JSON, or an object has the same key twice
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined) throw new SyntaxError(`the key "${duplicate}" is given twice`);
  return value;
}

/** The first key that an object of this (valid) JSON text has twice. Keys are compared after their escapes are undone. */
function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let last = '';
  for (const [mark] of text.matchAll(token)) {
    if (mark === '{') open.push(new Set());
    else if (mark === '}') open.pop();
    else if (mark === ':') {
      const keys = open.at(-1)!;
      const key: string = JSON.parse(last);
      if (keys.has(key)) return key;
      keys.add(key);
    } else last = mark;
  }
  return undefined;
}

/** Whether a parsed value is an object with keys (neither null nor an array). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
