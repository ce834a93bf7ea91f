// The kernels that a step of the run is compiled into, as far as they were asked for.
import { create } from 'zustand';
import type { StepPlan } from '../session/protocol';
import { plan } from './engine';
import { useRun } from './run';

interface PlanState {
  /** Of this run; `none` where its steps are not compiled, undefined until it was asked for. */
  last: StepPlan | 'none' | undefined;
  isBusy: boolean;
}

export const usePlan = create<PlanState>(() => ({ last: undefined, isBusy: false }));

/** Asks for the plan, and has its kernels timed where the device has a clock. */
export async function planNow(): Promise<void> {
  const { prepared } = useRun.getState();
  if (!prepared || usePlan.getState().isBusy) return;
  usePlan.setState({ isBusy: true });
  const found = await plan();
  usePlan.setState({ isBusy: false });
  if (useRun.getState().prepared === prepared) usePlan.setState({ last: found ?? 'none' });
}

// A plan is of one run.
useRun.subscribe((state, before) => {
  if (state.prepared !== before.prepared) usePlan.setState({ last: undefined });
});
