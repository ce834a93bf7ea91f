// The objectives, a line each.
import { capri } from './capri';
import { emix } from './emix';
import { mae } from './mae';
import { metamae } from './metamae';
import type { Objective } from './objective';
import { random } from './random';
import { shed } from './shed';

export const objectives: Record<string, Objective> = {
  metamae,
  mae,
  emix,
  shed,
  capri,
  random,
};
