// The walls between the floors of the project, read off the imports of every source file: what makes it impossible to
// reach an operation with a broken gradient, or tensors from the page, by accident.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = import.meta.dirname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|testing\.ts$/.test(name))
  .map((name) => ({
    name: name.replaceAll('\\', '/'),
    text: readFileSync(join(root, name), 'utf8'),
  }));

interface Import {
  /** Path below src for own modules, else the package. */
  from: string;
  /** Types leave no trace in the program. */
  typeOnly: boolean;
}

function importsOf({ name, text }: { name: string; text: string }): Import[] {
  const found: Import[] = [];
  const pattern =
    /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'/gm;
  for (const [, type, stated, lazy] of text.matchAll(pattern)) {
    const target = (stated ?? lazy)!;
    const from = target.startsWith('.')
      ? relative(root, join(root, dirname(name), target)).replaceAll('\\', '/')
      : target;
    found.push({ from, typeOnly: Boolean(type) });
  }
  return found;
}

const within =
  (...folders: string[]) =>
  (name: string) =>
    folders.some((folder) => name.startsWith(`${folder}/`));

function offenders(inside: (name: string) => boolean, forbidden: (i: Import) => boolean): string[] {
  return files
    .filter((file) => inside(file.name))
    .flatMap((file) =>
      importsOf(file)
        .filter(forbidden)
        .map(({ from }) => `${file.name} imports ${from}`),
    );
}

const isTfjs = ({ from }: Import) => from.startsWith('@tensorflow/');

describe('imports', () => {
  test('are found at all', () => {
    const metamae = files.find((file) => file.name === 'objectives/metamae.ts')!;
    expect(importsOf(metamae).map((i) => i.from)).toContain('tensor/ops');
    expect(offenders(within('tensor'), isTfjs).length).toBeGreaterThan(3);
  });

  test('tfjs: nowhere but in tensor, compile and the benchmark', () => {
    expect(offenders((name) => !within('tensor', 'compile', 'bench')(name), isTfjs)).toEqual([]);
  });

  test('objectives and model take operations as an argument: only types come from tensor', () => {
    const tensor = ({ from, typeOnly }: Import) => within('tensor')(from) && !typeOnly;
    expect(offenders(within('objectives', 'model'), tensor)).toEqual([]);
  });

  test('the page knows neither tensors nor the trainer', () => {
    const engine = ({ from, typeOnly }: Import) =>
      !typeOnly && (within('tensor', 'compile', 'model')(from) || /^train\/(?!recipe)/.test(from));
    expect(offenders(within('app', 'store'), engine)).toEqual([]);
  });

  test('the model knows no objective and no trainer', () => {
    const above = ({ from, typeOnly }: Import) =>
      !typeOnly && within('objectives', 'train', 'session', 'app', 'store')(from);
    expect(offenders(within('model'), above)).toEqual([]);
  });

  test('tensor and compile know nothing of the method', () => {
    const method = ({ from, typeOnly }: Import) =>
      !typeOnly && within('model', 'objectives', 'modality', 'data', 'session', 'app')(from);
    expect(offenders(within('tensor', 'compile'), method)).toEqual([]);
  });
});
