// The objectives, a line each.
import type { Objective } from './objective';

export const objectives: Record<string, Objective> = {};
