// One training step in slow motion: its numbers, and the stage that is looked at.
import { create } from 'zustand';
import { aboutRun } from './aboutRun';
import { walk } from './engine';

export const useStage = create(() => ({ stage: 0 }));

/** `beginWalk` asks what the next step of the run would do, and begins at its first stage. */
export const [useWalk, beginWalk] = aboutRun(walk);

useWalk.subscribe(({ last }, before) => {
  if (last !== before.last) useStage.setState({ stage: 0 });
});
