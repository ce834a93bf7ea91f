// Lets the program import WebAssembly that is written as text (.wat): it is assembled when the page is built or tested.
import wabt from 'wabt';

const MEMORY = '(memory 1)';
/** As many pages as an address reaches; tfjs makes the memory of its threads so. */
const SHARED = '(memory 1 65536 shared)';

/**
 * A module that imports a file `x.wat` gets its bytes, `plain`, and those of a second variant, `shared`, whose memory is one that
 * threads share.
 *
 * @returns {import('vite').Plugin}
 */
export function assembledWat() {
  return {
    name: 'assembled-wat',
    async transform(code, id) {
      if (!id.endsWith('.wat')) return undefined;
      if (code.split(MEMORY).length !== 2) {
        throw new Error(`${id} must import its memory, once, as ${MEMORY}`);
      }
      const assembler = await wabt();
      const lines = Object.entries({ plain: code, shared: code.replace(MEMORY, SHARED) }).map(
        ([name, text]) => {
          const bytes = assemble(assembler, id, text);
          return `export const ${name} = Uint8Array.from(atob('${bytes}'), (c) => c.charCodeAt(0));`;
        },
      );
      return { code: lines.join('\n'), map: null };
    },
  };
}

/**
 * @param {Awaited<ReturnType<typeof wabt>>} assembler
 * @param {string} name for what is said of mistakes
 * @param {string} text
 * @returns the module in base64
 */
function assemble({ parseWat }, name, text) {
  const module = parseWat(name, text, { simd: true, threads: true });
  const bytes = Uint8Array.from(module.toBinary({}).buffer);
  module.destroy();
  // Throws where types do not fit, which the text alone does not tell.
  new WebAssembly.Module(bytes);
  return Buffer.from(bytes).toString('base64');
}
