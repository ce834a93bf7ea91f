// The way of the user's files onto the page: recognised, shown with every guess to be changed, then read.
import { create } from 'zustand';
import type { Choices, ChoiceValue } from '../data/choices';
import { inspect, load } from '../data/client';
import { DataError } from '../data/dataset';
import type { Inspection } from '../data/load';
import type { NamedBlob } from '../data/source';
import { makeRecipe } from '../modality/presets';
import { take, troubleOf, useData } from './data';
import { useRecipe } from './recipe';
import { showTrouble } from './run';

interface ImportState {
  files: NamedBlob[];
  /** `looking` at the files, `choosing` what to make of them, `reading` them whole; undefined while nothing is brought. */
  stage: 'looking' | 'choosing' | 'reading' | undefined;
  /** Of the choices so far; stays while a changed choice is looked at. */
  inspection: Inspection | undefined;
  /** What the user, or a link's recipe, decided. */
  given: Choices;
  progress: { fraction: number; what: string } | undefined;
}

const nothing: ImportState = {
  files: [],
  stage: undefined,
  inspection: undefined,
  given: {},
  progress: undefined,
};

export const useImport = create<ImportState>(() => nothing);

/** Ends what is under way when something newer takes its place. */
let current = new AbortController();

/** Looks at files; where nothing can be made of them it says why, and leaves everything as it was. */
export async function bring(files: NamedBlob[]): Promise<void> {
  if (files.length === 0) return;
  const { wanted } = useData.getState();
  const reading = files.some(({ name }) => name === wanted)
    ? (useRecipe.getState().draft?.data.reading as Choices)
    : {};
  useImport.setState({ ...nothing, files });
  showTrouble(undefined);
  await look(reading);
}

/** Changes one choice and looks again. */
export async function choose(key: string, value: ChoiceValue): Promise<void> {
  await look({ ...useImport.getState().given, [key]: value });
}

/** Drops what was brought. */
export function cancelImport(): void {
  current.abort();
  useImport.setState(nothing);
}

/** Reads the files whole and puts the data set on the page. */
export async function accept(): Promise<void> {
  const { files, inspection } = useImport.getState();
  if (!inspection) return;
  const choices = settled(inspection);
  await guarded('reading', async (options) => {
    const dataset = await load(files, choices, options);
    const { wanted } = useData.getState();
    const { draft } = useRecipe.getState();
    const waiting = wanted === dataset.origin.source ? draft : undefined;
    take(dataset, waiting ?? makeRecipe(dataset, { overrides: { data: { reading: choices } } }));
    useImport.setState(nothing);
  });
}

async function look(given: Choices): Promise<void> {
  const { files } = useImport.getState();
  useImport.setState({ given });
  await guarded('looking', async (options) => {
    const inspection = await inspect(files, given, options);
    useImport.setState({ inspection, stage: 'choosing', progress: undefined });
  });
}

/** Runs one reading at a time; its fault is shown, and an older inspection stays to choose otherwise. */
async function guarded(
  stage: 'looking' | 'reading',
  work: (options: {
    signal: AbortSignal;
    onProgress: (fraction: number, what: string) => void;
  }) => Promise<void>,
): Promise<void> {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  useImport.setState({ stage, progress: undefined });
  try {
    await work({
      signal,
      onProgress: (fraction, what) => useImport.setState({ progress: { fraction, what } }),
    });
  } catch (error) {
    if (signal.aborted) return;
    showTrouble(
      error instanceof DataError
        ? troubleOf(error)
        : {
            message: error instanceof Error ? error.message : String(error),
            remedy: 'Try a smaller file, or other choices.',
          },
    );
    const { inspection } = useImport.getState();
    useImport.setState(inspection ? { stage: 'choosing', progress: undefined } : nothing);
  }
}

/** Every choice as it stands, guesses included: reading with them gives the same again. */
function settled({ choices }: Inspection): Choices {
  return Object.fromEntries(choices.map(({ key, value }) => [key, value]));
}
