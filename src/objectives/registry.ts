// The objectives, a line each.
import { mae } from './mae';
import { metamae } from './metamae';
import type { Objective } from './objective';

export const objectives: Record<string, Objective> = {
  metamae,
  mae,
};
