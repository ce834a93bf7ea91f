// Keeps a damaged Parquet file from filling the memory, or ending the process that reads it.

const ENCODING = /hyparquet\/src\/encoding\.js$/;
const RUN = 'for (let i = 0; i < count; i++) {\n    output[seen + i] = value';
const BOUNDED =
  'for (let i = 0, end = Math.min(count, output.length - seen); i < end; i++) {\n    output[seen + i] = value';

/**
 * hyparquet writes a run of equal values as long as the file says, though there are only so many values to read: a damaged length
 * grows the array until the process dies. This ends a run where the values end.
 *
 * @returns {import('vite').Plugin}
 */
export function boundedRuns() {
  return {
    name: 'bounded-runs',
    enforce: 'pre',
    transform(code, id) {
      if (!ENCODING.test(id)) return undefined;
      if (!code.includes(RUN)) {
        throw new Error(`${id} is not laid out as in hyparquet 1.31: its runs cannot be bounded`);
      }
      return { code: code.replace(RUN, BOUNDED), map: null };
    },
  };
}
