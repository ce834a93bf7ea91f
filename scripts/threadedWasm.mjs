// Keeps the threaded wasm build of tfjs working after minification.

const FACTORY = /tfjs-backend-wasm-threaded-simd\.js$/;
const START = 'var WasmBackendModuleThreadedSimd = ';
const END = '\n})();';

/**
 * tfjs gives its threads their program by `factory.toString()`. Bundling renames what that function refers to outside itself, so
 * its text would fail in the threads. This lets the factory answer with the text it was published with.
 *
 * @returns {import('vite').Plugin}
 */
export function threadedWasm() {
  return {
    name: 'threaded-wasm',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!FACTORY.test(id)) return undefined;
      const start = code.indexOf(START);
      const end = code.indexOf(END, start);
      if (start < 0 || end < 0) {
        throw new Error(
          `${id} is not laid out as in tfjs 4.22: the threads' program cannot be found`,
        );
      }
      const program = code.slice(start + START.length, end + END.length - 1);
      return {
        code: `${code}\nmodule.exports.toString = () => ${JSON.stringify(program)};\n`,
        map: null,
      };
    },
  };
}
