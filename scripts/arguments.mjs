// Reads the command line of the headless runner. What only the page can judge (names of objectives, presets and data sets,
// values of settings) is judged there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from './command.mjs';

const backends = ['auto', 'webgpu', 'wasm', 'cpu'];

/**
 * What `npm run pretrain` was asked for.
 *
 * @typedef {object} PretrainArguments
 * @property {string[]} files files and folders, absolute
 * @property {string} [builtin] name of a built-in data set
 * @property {Record<string, unknown>} [recipe] content of --recipe
 * @property {string} [recipeName] its file's name
 * @property {string} [objective]
 * @property {number} [steps]
 * @property {number} [seed]
 * @property {string} [backend]
 * @property {string} [preset]
 * @property {string} [label]
 * @property {[string, string][]} set keys and values of --set, in order
 * @property {string} out absolute
 * @property {boolean} force
 */

/**
 * @param {string[]} line what follows the command's name
 * @returns {PretrainArguments | 'help'}
 * @throws {UsageError}
 */
export function readPretrain(line) {
  const values = parse(line, {
    data: 'list',
    set: 'list',
    objective: 'text',
    steps: 'text',
    seed: 'text',
    backend: 'text',
    engine: 'text',
    preset: 'text',
    label: 'text',
    recipe: 'text',
    out: 'text',
    force: 'switch',
    help: 'switch',
  });
  if (values.help) return 'help';
  return {
    ...sharedArguments(values),
    objective: values.objective,
    seed: wholeNumber('--seed', values.seed, 0, 0xffffffff),
  };
}

/**
 * What training one model and comparing several have in common: data, recipe, result.
 *
 * @param {Record<string, any>} values
 */
function sharedArguments(values) {
  const recipe = values.recipe === undefined ? undefined : readRecipe(values.recipe);
  const data = values.data.flatMap(namesIn);
  if (data.length === 0 && !recipe) {
    throw new UsageError(
      '--data is missing: name files, a folder or a built-in data set (see --help).',
    );
  }
  if (!values.out) throw new UsageError('--out is missing: the folder to write to (see --help).');
  if (recipe && values.preset) throw new UsageError('Give --preset or --recipe, not both.');
  checkBackend(values.backend);
  return {
    ...placesOf(data),
    recipe,
    recipeName: values.recipe,
    steps: wholeNumber('--steps', values.steps, 1, 10_000_000),
    backend: values.backend,
    preset: values.preset,
    label: values.label,
    set: [
      ...values.set.map((/** @type {string} */ text) => assignment(text)),
      ...(values.engine === undefined ? [] : [['engine', values.engine]]),
    ],
    out: resolve(base(), values.out),
    force: values.force === true,
  };
}

/**
 * What `npm run compare` was asked for.
 *
 * @typedef {Omit<PretrainArguments, 'objective' | 'seed'> & {
 *   objectives: string[], seeds: number, seed?: number, seconds?: number, points: number, sweep: [string, string[]][],
 *   heldOut?: 'test' | 'validation', mostExamples?: number
 * }} CompareArguments
 */

/**
 * @param {string[]} line what follows the command's name
 * @returns {CompareArguments | 'help'}
 * @throws {UsageError}
 */
export function readCompare(line) {
  const values = parse(line, {
    data: 'list',
    set: 'list',
    sweep: 'list',
    objectives: 'list',
    steps: 'text',
    seconds: 'text',
    seeds: 'text',
    seed: 'text',
    points: 'text',
    on: 'text',
    examples: 'text',
    backend: 'text',
    preset: 'text',
    label: 'text',
    recipe: 'text',
    out: 'text',
    force: 'switch',
    help: 'switch',
  });
  if (values.help) return 'help';
  const { objectives, seeds, seed, seconds, points, sweep, on, examples, ...shared } = values;
  if (on !== undefined && on !== 'test' && on !== 'validation') {
    throw new UsageError(`--on is "${on}"; test or validation.`);
  }
  if (values.steps !== undefined && seconds !== undefined) {
    throw new UsageError('Give --steps or --seconds, not both.');
  }
  /** @type {string[]} */
  const names = objectives.flatMap((/** @type {string} */ text) => text.split(','));
  return {
    ...sharedArguments(shared),
    objectives: names.length > 0 ? [...new Set(names)] : [...METHODS],
    seeds: wholeNumber('--seeds', seeds, 1, 100) ?? 3,
    seed: wholeNumber('--seed', seed, 0, 0xffffffff),
    seconds: wholeNumber('--seconds', seconds, 1, 1_000_000),
    points: wholeNumber('--points', points, 0, 100) ?? 0,
    sweep: sweepOf(sweep),
    heldOut: on,
    mostExamples: wholeNumber('--examples', examples, 10, 10_000_000),
  };
}

/** Every method, in the order of the paper's table. */
export const METHODS = ['random', 'emix', 'shed', 'capri', 'mae', 'metamae'];

/**
 * @param {string[]} texts
 * @returns {[string, string[]][]}
 */
function sweepOf(texts) {
  if (texts.length > 2) throw new UsageError('--sweep takes two settings at most.');
  return texts.map((text) => {
    const [key, list] = assignment(text, '--sweep');
    return [key, list.split(',')];
  });
}

/**
 * What `npm run study` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @throws {UsageError}
 */
export function readStudy(line) {
  const values = parse(line, {
    data: 'list',
    objectives: 'list',
    seeds: 'text',
    steps: 'text',
    preset: 'text',
    backend: 'text',
    jobs: 'text',
    out: 'text',
    help: 'switch',
  });
  if (values.help) return 'help';
  checkBackend(values.backend);
  const listed = (/** @type {string[]} */ texts) => texts.flatMap((text) => text.split(','));
  return {
    data: listed(values.data),
    objectives: listed(values.objectives),
    seeds: wholeNumber('--seeds', values.seeds, 1, 100) ?? 3,
    steps: wholeNumber('--steps', values.steps, 1, 10_000_000),
    /** @type {string} */
    preset: values.preset ?? 'tiny',
    /** @type {string} */
    backend: values.backend ?? 'wasm',
    jobs: wholeNumber('--jobs', values.jobs, 1, 64),
    out: values.out === undefined ? undefined : resolve(base(), values.out),
  };
}

/**
 * What `npm run evaluate` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @throws {UsageError}
 */
export function readEvaluate(line) {
  const values = parse(line, {
    weights: 'text',
    data: 'list',
    set: 'list',
    latent: 'text',
    label: 'text',
    backend: 'text',
    help: 'switch',
  });
  if (values.help) return 'help';
  if (!values.weights) {
    throw new UsageError('--weights is missing: name a safetensors file (see --help).');
  }
  const weights = resolve(base(), values.weights);
  if (!isFile(weights)) throw new UsageError(`${values.weights}: there is no such file.`);
  const latent = values.latent ?? 'encoded';
  if (latent !== 'encoded' && latent !== 'adapted') {
    throw new UsageError(`--latent is "${latent}"; encoded (Z) or adapted (Z*).`);
  }
  checkBackend(values.backend);
  return {
    weights,
    ...placesOf(values.data.flatMap(namesIn)),
    /** @type {'encoded' | 'adapted'} */
    latent,
    /** @type {string | undefined} */
    label: values.label,
    /** @type {string | undefined} */
    backend: values.backend,
    /** @type {[string, string][]} */
    set: values.set.map((/** @type {string} */ text) => assignment(text)),
  };
}

const benchWorks = ['16x64', '64x128', '64x256'];

/** @typedef {import('../src/bench/works.ts').PathName} BenchPath */

/** @type {readonly BenchPath[]} */
const benchPaths = ['plain-tfjs', 'jax-js', 'eager', 'compiled', 'wasm'];

/**
 * What `npm run bench` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @returns {{ quick: boolean, json: boolean, software: boolean, publish: boolean, rounds: number, works?: string[], paths?: BenchPath[] } | 'help'}
 * @throws {UsageError}
 */
export function readBench(line) {
  const values = parse(line, {
    quick: 'switch',
    json: 'switch',
    software: 'switch',
    publish: 'switch',
    rounds: 'text',
    works: 'text',
    paths: 'text',
    help: 'switch',
  });
  if (values.help) return 'help';
  const works = values.works === undefined ? undefined : String(values.works).split(',');
  const strange = works?.find((work) => !benchWorks.includes(work));
  if (strange !== undefined) {
    throw new UsageError(`--works names "${strange}"; one of ${benchWorks.join(', ')}.`);
  }
  const named = values.paths === undefined ? undefined : String(values.paths).split(',');
  const unknown = named?.find((name) => !benchPaths.some((path) => path === name));
  if (unknown !== undefined) {
    throw new UsageError(`--paths names "${unknown}"; one of ${benchPaths.join(', ')}.`);
  }
  return {
    quick: values.quick === true,
    json: values.json === true,
    software: values.software === true,
    publish: values.publish === true,
    rounds: wholeNumber('--rounds', values.rounds, 1, 10_000) ?? 5,
    ...(works && { works }),
    ...(named && { paths: benchPaths.filter((path) => named.includes(path)) }),
  };
}

/**
 * What `npm run fuzz` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @returns {{ factor: number } | 'help'}
 * @throws {UsageError}
 */
export function readFuzz(line) {
  const { factor, help } = parse(line, { factor: 'text', help: 'switch' });
  return help ? 'help' : { factor: wholeNumber('--factor', factor, 1, 10_000) ?? 10 };
}

/**
 * What `npm run soak` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @returns {{ steps: number, faults: number, backend: 'wasm' | 'webgpu', adapter: 'hardware' | 'software', seed: number } | 'help'}
 * @throws {UsageError}
 */
export function readSoak(line) {
  const values = parse(line, {
    steps: 'text',
    faults: 'text',
    backend: 'text',
    seed: 'text',
    software: 'switch',
    help: 'switch',
  });
  if (values.help) return 'help';
  const { steps, faults, backend = 'wasm', seed } = values;
  if (backend !== 'wasm' && backend !== 'webgpu') {
    throw new UsageError(`--backend is "${backend}"; wasm or webgpu.`);
  }
  return {
    steps: wholeNumber('--steps', steps, 0, 10_000_000) ?? 5000,
    faults: wholeNumber('--faults', faults, 0, 10_000) ?? 12,
    backend,
    adapter: values.software ? 'software' : 'hardware',
    seed: wholeNumber('--seed', seed, 0, 0xffffffff) ?? 1,
  };
}

/**
 * Names that follow a command: some of those that there are, or none for all.
 *
 * @param {string[]} line what follows the command's name
 * @param {string[]} names
 * @returns {string[] | 'help'}
 * @throws {UsageError}
 */
export function readNames(line, names) {
  if (line.includes('--help')) return 'help';
  const unknown = line.find((name) => !names.includes(name));
  if (unknown) throw new UsageError(`There is no "${unknown}"; one of ${names.join(', ')}.`);
  return line;
}

/**
 * What `npm run plan` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @returns {{ recipe?: Record<string, unknown>, buffers: number, software: boolean, json: boolean } | 'help'}
 * @throws {UsageError}
 */
export function readPlan(line) {
  const values = parse(line, {
    recipe: 'text',
    buffers: 'text',
    software: 'switch',
    json: 'switch',
    help: 'switch',
  });
  if (values.help) return 'help';
  return {
    ...(values.recipe !== undefined && { recipe: readRecipe(values.recipe) }),
    buffers: wholeNumber('--buffers', values.buffers, 8, 64) ?? 10,
    software: values.software === true,
    json: values.json === true,
  };
}

/**
 * What `npm run parity` was asked for.
 *
 * @param {string[]} line what follows the command's name
 * @returns {{ files: string[], backend: 'webgpu' | 'wasm' | 'cpu', engine: 'eager' | 'compiled' } | 'help'}
 * @throws {UsageError}
 */
export function readParity(line) {
  const values = parse(
    line,
    { file: 'list', backend: 'text', engine: 'text', help: 'switch' },
    'file',
  );
  if (values.help) return 'help';
  if (values.file.length === 0) {
    throw new UsageError('No fixture is named: npm run -s parity -- FILE.json ... (see --help).');
  }
  const engine = values.engine ?? 'eager';
  if (engine !== 'eager' && engine !== 'compiled') {
    throw new UsageError(`--engine is "${engine}"; one of eager, compiled.`);
  }
  const backend = values.backend ?? (engine === 'compiled' ? 'webgpu' : 'wasm');
  if (engine === 'compiled' && backend !== 'webgpu') {
    throw new UsageError('--engine compiled runs on --backend webgpu alone.');
  }
  if (backend === 'auto' || !backends.includes(backend)) {
    throw new UsageError(`--backend is "${backend}"; one of webgpu, wasm, cpu.`);
  }
  /** @type {string[]} */
  const names = values.file;
  const missing = names.find((name) => !isFile(resolve(base(), name)));
  if (missing) throw new UsageError(`${missing}: there is no such file.`);
  return { files: names.map((name) => resolve(base(), name)), backend, engine };
}

/**
 * The options that are given, by name; a list that is not is empty. A word that belongs to no option is one more value
 * of the list before it (`--set a=1 b=2`, or a shell's `--data *.csv`), or of the list `loose` where none is before it.
 *
 * @param {string[]} line
 * @param {Record<string, 'text' | 'list' | 'switch'>} kinds
 * @param {string} [loose]
 */
function parse(line, kinds, loose) {
  /** @type {import('node:util').ParseArgsConfig['options']} */
  const options = {};
  for (const [name, kind] of Object.entries(kinds)) {
    options[name] =
      kind === 'switch' ? { type: 'boolean' } : { type: 'string', multiple: kind === 'list' };
  }
  let tokens;
  try {
    ({ tokens } = parseArgs({ args: line, options, allowPositionals: true, tokens: true }));
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${fault.split('. ')[0]} (see --help).`);
  }
  /** @type {Record<string, any>} */
  const values = {};
  for (const [name, kind] of Object.entries(kinds)) if (kind === 'list') values[name] = [];
  let list = loose;
  for (const token of tokens) {
    if (token.kind === 'option') {
      const kind = kinds[token.name];
      if (token.value === '') throw new UsageError(`--${token.name} is empty.`);
      if (kind === 'list') values[token.name].push(token.value);
      else if (token.name in values) throw new UsageError(`--${token.name} is given twice.`);
      else values[token.name] = token.value ?? true;
      list = kind === 'list' ? token.name : loose;
    } else if (token.kind === 'positional') {
      if (!list) throw new UsageError(`"${token.value}" belongs to no option (see --help).`);
      values[list].push(token.value);
    }
  }
  return values;
}

/** The folder that the user's paths start from: npm changes to the project's. */
function base() {
  return (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd();
}

/**
 * A value of --data: a path that exists, even one with commas in it, or several names with commas between.
 *
 * @param {string} text
 */
function namesIn(text) {
  if (existsSync(resolve(base(), text))) return [text];
  return text.split(',').filter((name) => name !== '');
}

/**
 * Tells files from the name of a built-in data set.
 *
 * @param {string[]} names
 */
function placesOf(names) {
  const missing = names.filter((name) => !existsSync(resolve(base(), name)));
  const [builtin] = missing;
  if (builtin === undefined) {
    const empty = names.find((name) => filesIn(resolve(base(), name)) === 0);
    if (empty) throw new UsageError(`${empty}: there are no files in this folder.`);
    return { files: names.map((name) => resolve(base(), name)) };
  }
  if (names.length > 1 || /[./\\]/.test(builtin)) {
    throw new UsageError(`${builtin}: there is no such file or folder.`);
  }
  return { files: [], builtin: builtin.replace(/^builtin:/, '') };
}

/** @param {string} path a file or folder */
function filesIn(path) {
  if (isFile(path)) return 1;
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

/**
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
function readRecipe(name) {
  const file = resolve(base(), name);
  if (!isFile(file)) throw new UsageError(`${name}: there is no such file.`);
  let content;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${name}: is no JSON (${fault}). Give a recipe.json that a run has left.`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new UsageError(`${name}: holds no recipe. Give a recipe.json that a run has left.`);
  }
  return content;
}

/** @param {string | undefined} backend */
function checkBackend(backend) {
  if (backend === undefined || backends.includes(backend)) return;
  throw new UsageError(`--backend is "${backend}"; one of ${backends.join(', ')}.`);
}

/** @param {string} text */
function assignment(text, option = '--set') {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${option} ${text}: write it as key=value.`);
  return /** @type {[string, string]} */ ([text.slice(0, at), text.slice(at + 1)]);
}

/**
 * @param {string} option
 * @param {string | undefined} text
 * @param {number} minimum
 * @param {number} maximum
 */
function wholeNumber(option, text, minimum, maximum) {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= minimum && number <= maximum)) {
    throw new UsageError(
      `${option} is "${text}"; it must be a whole number from ${minimum} to ${maximum}.`,
    );
  }
  return number;
}

/** @param {string} file */
function isFile(file) {
  return existsSync(file) && statSync(file).isFile();
}
