// What the recipe's schema finds wrong, in plain words beside the field that it concerns.
import type { z } from 'zod';

export interface Fault {
  /** Dotted path of the setting, e.g. `optimiser.learningRate`; empty for the whole recipe. */
  path: string;
  message: string;
}

/** The faults of a failed parse of `input`, one a path, in plain English. */
export function faultsOf(error: z.ZodError, input: unknown): Fault[] {
  const faults = new Map<string, string>();
  for (const issue of error.issues) {
    const path = issue.path.map(String).join('.');
    if (!faults.has(path)) faults.set(path, plain(issue, at(input, issue.path)));
  }
  return [...faults].map(([path, message]) => ({ path, message }));
}

/** `mask ratio must be at most 1` and the like, one line for all. */
export function describeFaults(faults: Fault[]): string {
  return faults
    .slice(0, 3)
    .map(({ path, message }) => (path ? `${path} ${message}` : message))
    .join('; ')
    .concat(faults.length > 3 ? `; and ${faults.length - 3} more` : '');
}

function at(input: unknown, path: PropertyKey[]): unknown {
  let node = input;
  for (const key of path) node = (node as Record<PropertyKey, unknown> | undefined)?.[key];
  return node;
}

function plain(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      if (value === undefined) return 'is missing';
      if (issue.expected === 'int') return 'must be a whole number';
      return issue.expected === 'number' ? 'must be a number' : `must be of type ${issue.expected}`;
    case 'too_small':
      return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return 'is not one of the known kinds';
    default:
      return issue.message;
  }
}
