// `npm run weights`: trains the models that the page comes with, one a data set, with the runner that users have.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import builtin from '../src/data/builtin.json' with { type: 'json' };
import { readNames } from './arguments.mjs';
import { CommandError, main, root, run } from './command.mjs';

/** On wasm, which gives the same numbers on every machine; Tiny, so that a first visit waits for little. */
const PRESET = 'tiny';
const SEED = '0';
const STEPS = 600;
/** The page opens with this set. */
const STEPS_OF_FIRST = 1500;

const help = `Trains the models that the page comes with into public/models, and lists them in src/data/shipped.json.

  npm run weights             all of them: about half an hour
  npm run weights -- NAME...  some of ${builtin.map(({ name }) => name).join(', ')}

A model is trained by its recipe in public/models, to the same numbers again; without one, by the preset ${PRESET} as it is now.`;

const folder = join(root, 'public', 'models');
/** @param {string} name */
const fileOf = (name) => join(folder, `${name}.safetensors`);
/** @param {string} name */
const recipeOf = (name) => join(folder, `${name}.json`);
const names = builtin.map(({ name }) => name);

await main(async () => {
  const asked = readNames(process.argv.slice(2), names);
  if (asked === 'help') {
    console.log(help);
    return;
  }
  mkdirSync(folder, { recursive: true });
  for (const name of asked.length > 0 ? asked : names) await train(name);
  writeCatalogue();
});

/** @param {string} name of a built-in data set */
async function train(name) {
  const out = mkdtempSync(join(tmpdir(), 'metamae-'));
  try {
    const known = recipeOf(name);
    const options = existsSync(known)
      ? { data: `builtin:${name}`, recipe: known, out }
      : {
          data: `builtin:${name}`,
          preset: PRESET,
          seed: SEED,
          steps: stepsOf(name),
          backend: 'wasm',
          out,
        };
    const parameters = Object.entries(options).flatMap(([option, value]) => [
      `--${option}`,
      String(value),
    ]);
    const { code } = await run(process.execPath, ['scripts/pretrain.mjs', ...parameters]);
    if (code !== 0) throw new CommandError(`The model of ${name} could not be trained.`);
    copyFileSync(join(out, 'weights.safetensors'), fileOf(name));
    copyFileSync(join(out, 'recipe.json'), recipeOf(name));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** @param {string} name */
function stepsOf(name) {
  return name === names[0] ? STEPS_OF_FIRST : STEPS;
}

function writeCatalogue() {
  const entries = names
    .filter((name) => existsSync(fileOf(name)))
    .map((name) => {
      const { steps } = JSON.parse(readFileSync(recipeOf(name), 'utf8'));
      return { name, steps, bytes: statSync(fileOf(name)).size };
    });
  const file = join(root, 'src', 'data', 'shipped.json');
  writeFileSync(file, `${JSON.stringify(entries, null, 2)}\n`);
}
