// The run that the engine is busy with or has finished: facts, curves and reconstructions, as its events tell them.
import { create } from 'zustand';
import type { DatasetDescription } from '../modality/modality';
import type { Prepared } from '../session/client';
import type { Device, Event, IndexedReconstruction, Phase, Speed } from '../session/protocol';
import type { Recipe } from '../train/recipe';
import { CurveLog } from './curveLog';

/** What went wrong, and what the user can do about it. */
export interface Trouble {
  message: string;
  remedy: string;
  /** It stops nothing. */
  mild?: boolean;
}

/** Weights that were saved from an engine that died. */
export interface Rescued {
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
}

interface RunState {
  device: Device | undefined;
  phase: Phase;
  /** Steps done. */
  step: number;
  /** The recipe this run started with; the editor's may have moved on. */
  recipe: Recipe | undefined;
  /** The data it runs on, without their values. */
  dataset: DatasetDescription | undefined;
  prepared: Prepared | undefined;
  /** The model that is shown came with the page. */
  isShipped: boolean;
  /** Kernels of the compiled step, until all are ready. */
  compiling: { done: number; total: number } | undefined;
  speed: Speed | undefined;
  log: CurveLog;
  /** Changes whenever `log` does: a log is updated in place. */
  rows: number;
  reconstructions: { step: number; items: IndexedReconstruction[] } | undefined;
  trouble: Trouble | undefined;
  rescued: Rescued | undefined;
}

const none = {
  phase: 'idle' as Phase,
  step: 0,
  recipe: undefined,
  dataset: undefined,
  prepared: undefined,
  isShipped: false,
  compiling: undefined,
  speed: undefined,
  rows: 0,
  reconstructions: undefined,
  trouble: undefined,
  rescued: undefined,
};

export const useRun = create<RunState>(() => ({
  ...none,
  device: undefined,
  log: new CurveLog(),
}));

/** Forgets the last run and shows a new one being made. */
export function beginRun(recipe: Recipe, dataset: DatasetDescription): void {
  useRun.setState({ ...none, recipe, dataset, log: new CurveLog(), phase: 'preparing' });
}

/** Forgets the last run and shows a model that came with the page; a run may begin at any time. */
export function beginShipped(recipe: Recipe, dataset: DatasetDescription, step: number): void {
  const { trouble } = useRun.getState();
  const log = new CurveLog();
  useRun.setState({ ...none, trouble, recipe, dataset, log, isShipped: true, step });
}

/** Shows no run and no model. */
export function clearRun(): void {
  const { trouble } = useRun.getState();
  useRun.setState({ ...none, trouble, log: new CurveLog() });
}

/** Shows a fault without touching the run. */
export function showTrouble(trouble: Trouble | undefined): void {
  useRun.setState({ trouble });
}

/** The run is made, or the model that came with the page: its events are heard from now on. */
export function beginPrepared(prepared: Prepared): void {
  const { log, isShipped } = useRun.getState();
  const { recipe, resumed, transferred } = prepared;
  const { rows = [], step = (isShipped && transferred?.step) || 0 } = resumed ?? {};
  log.append(rows);
  useRun.setState({ prepared, recipe, rows: log.length, step });
}

/** False for what the last run sent before it was closed: this one says nothing until it is prepared. */
const isOfThisRun = (): boolean => useRun.getState().prepared !== undefined;

/** Takes one event of the engine into the state. */
export function hear(event: Event): void {
  switch (event.type) {
    case 'device':
      useRun.setState({ device: event.device });
      break;
    case 'phase':
      // Made but not yet told to run: still part of preparing.
      if (event.phase !== 'idle' && isOfThisRun()) {
        useRun.setState({ phase: event.phase, step: event.step });
      }
      break;
    case 'compiling': {
      const { done, total } = event;
      useRun.setState({ compiling: done < total ? { done, total } : undefined });
      break;
    }
    case 'metrics': {
      if (!isOfThisRun()) break;
      const { log } = useRun.getState();
      log.append(event.rows, Date.now());
      useRun.setState((state) => ({
        rows: log.length,
        speed: event.speed,
        step: event.rows.at(-1)?.step ?? state.step,
      }));
      break;
    }
    case 'reconstructions':
      if (!isOfThisRun()) break;
      useRun.setState({ reconstructions: { step: event.step, items: event.items } });
      break;
    case 'error':
      if (event.isObsolete) break;
      useRun.setState((state) => ({
        trouble: { message: event.message, remedy: event.remedy },
        phase: event.fatal && state.phase !== 'idle' ? 'failed' : state.phase,
        rescued: event.checkpoint
          ? { file: `${state.recipe?.objective.name}-rescued.safetensors`, bytes: event.checkpoint }
          : state.rescued,
      }));
      break;
    case 'notice':
      useRun.setState({ trouble: { message: event.message, remedy: event.remedy, mild: true } });
      break;
  }
}

/** Seconds that the run still needs at its present speed. */
export function secondsLeft(state: RunState): number | undefined {
  if (!state.recipe || !state.speed || state.speed.stepsPerSecond <= 0) return undefined;
  return (state.recipe.steps - state.step) / state.speed.stepsPerSecond;
}
