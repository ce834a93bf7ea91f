// The kernels that a step of the run is compiled into, as far as they were asked for.
import type { StepPlan } from '../session/protocol';
import { aboutRun } from './aboutRun';
import { plan } from './engine';

/** `planNow` asks for the plan, and has its kernels timed where the device has a clock; `none`: steps are not compiled. */
export const [usePlan, planNow] = aboutRun(
  async (): Promise<StepPlan | 'none'> => (await plan()) ?? 'none',
);
