// All simplifications together, until nothing changes.
import { type Graph, rewrite, topological } from '../graph';
import { algebra } from './algebra';
import { fold } from './fold';
import type { Rule } from './rule';
import { views } from './views';

const rules: readonly Rule[] = [fold, algebra, views];

/** Rounds after which a graph that still changes is taken as it is. */
const ROUNDS = 20;

/**
 * Simplifies a graph: constants, identities, views; equal nodes become one and unused ones vanish.
 * The result computes the same outputs from the same inputs, up to rounding.
 */
export function simplify(graph: Graph): Graph {
  let current = graph;
  for (let round = 0; round < ROUNDS; round++) {
    let changed = false;
    const next = rewrite(current, (b, node) => {
      let result = node;
      for (let rule = 0; rule < rules.length; rule++) {
        const better = rules[rule]!(b, result);
        if (better && better !== result) {
          changed = true;
          result = better;
          rule = -1;
        }
      }
      return result;
    });
    current = next;
    if (!changed) break;
  }
  return current;
}

/** How many nodes of each kind a graph has. */
export function census(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of topological(graph)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
