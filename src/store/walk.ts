// One training step in slow motion: its numbers, and the stage that is looked at.
import { create } from 'zustand';
import type { Walk } from '../session/protocol';
import { walk } from './engine';
import { useRun } from './run';

interface WalkState {
  walk: Walk | undefined;
  stage: number;
  isBusy: boolean;
}

const none = { walk: undefined, stage: 0, isBusy: false };
export const useWalk = create<WalkState>(() => none);

/** Asks what the next step of the run would do, and begins at its first stage. */
export async function beginWalk(): Promise<void> {
  const { prepared } = useRun.getState();
  if (!prepared || useWalk.getState().isBusy) return;
  useWalk.setState({ isBusy: true });
  const found = await walk();
  useWalk.setState({ isBusy: false });
  if (found && useRun.getState().prepared === prepared) useWalk.setState({ walk: found, stage: 0 });
}

// The numbers of one run say nothing about another.
useRun.subscribe((state, before) => {
  if (state.prepared !== before.prepared) useWalk.setState(none);
});
