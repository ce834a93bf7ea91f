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
      const variants = [
        ['plain', await assemble(id, code)],
        ['shared', await assemble(id, code.replace(MEMORY, SHARED))],
      ];
      const lines = variants.map(
        ([name, text]) =>
          `export const ${name} = Uint8Array.from(atob('${text}'), (c) => c.charCodeAt(0));`,
      );
      return { code: lines.join('\n'), map: null };
    },
  };
}

/**
 * @param {string} name for what is said of mistakes
 * @param {string} text
 * @returns the module in base64
 */
async function assemble(name, text) {
  const { parseWat } = await wabt();
  const module = parseWat(name, text, { simd: true, threads: true });
  const bytes = Uint8Array.from(module.toBinary({}).buffer);
  module.destroy();
  // Throws where types do not fit, which the text alone does not tell.
  new WebAssembly.Module(bytes);
  return Buffer.from(bytes).toString('base64');
}
