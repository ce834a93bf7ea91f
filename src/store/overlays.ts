// Kept runs whose curves are laid over those of the run at hand.
import { create } from 'zustand';
import type { StoredRun } from '../storage/manifest';
import type { Recipe } from '../train/recipe';
import { CurveLog } from './curveLog';
import { told } from './runs';

export interface Overlay {
  id: string;
  name: string;
  recipe: Recipe;
  log: CurveLog;
  /** Of the colours for classes: its own as long as it is shown. */
  colour: number;
}

/** More lines cannot be told apart. */
export const MOST_OVERLAYS = 6;
const COLOURS = 8;

export const useOverlays = create<{ shown: Overlay[] }>(() => ({ shown: [] }));

/** Lays a run over, or takes it away. */
export async function toggleOverlay(run: StoredRun): Promise<void> {
  const { shown } = useOverlays.getState();
  if (shown.some(({ id }) => id === run.id)) {
    useOverlays.setState({ shown: shown.filter(({ id }) => id !== run.id) });
    return;
  }
  if (shown.length >= MOST_OVERLAYS) return;
  await told(async (store) => {
    const log = new CurveLog();
    log.append(await store.rows(run));
    const { id, name, recipe } = run;
    useOverlays.setState(({ shown: now }) => ({
      shown: [
        ...now.filter((other) => other.id !== id),
        { id, name, recipe, log, colour: freeColour(id, now) },
      ],
    }));
  });
}

/** The run's own colour, or the next that no other has. */
function freeColour(id: string, others: readonly Overlay[]): number {
  let colour = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % COLOURS, 7);
  while (others.some((other) => other.colour === colour)) colour = (colour + 1) % COLOURS;
  return colour;
}
