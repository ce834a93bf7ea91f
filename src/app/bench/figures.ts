// The rows of a benchmark beside the published ones, work by work.
import type { Result, Row } from '../../bench/protocol';

/** How the paths are called. */
export const pathNames: Record<Row['path'], string> = {
  'plain-tfjs': 'plain tfjs',
  'jax-js': 'jax-js, jit',
  eager: 'ours, eager',
  compiled: 'ours, compiled',
  wasm: 'ours, wasm',
};

export interface Line {
  path: Row['path'];
  here: Row | undefined;
  published: Row | undefined;
  /** Why there is no figure. */
  reason: string | undefined;
}

export interface Group {
  work: string;
  objective: Row['objective'];
  lines: Line[];
}

type Named = Pick<Row, 'work' | 'objective' | 'path'>;

const same = (a: Named, b: Named) =>
  a.work === b.work && a.objective === b.objective && a.path === b.path;

/** Every work that was measured here or published, in the order in which it was. */
export function groupsOf(
  here: Pick<Result, 'rows' | 'missing'>,
  published: readonly Row[],
): Group[] {
  const groups: Group[] = [];
  for (const named of [...published, ...here.rows, ...here.missing]) {
    const { work, objective, path } = named;
    let group = groups.find((g) => g.work === work && g.objective === objective);
    if (!group) {
      group = { work, objective, lines: [] };
      groups.push(group);
    }
    if (group.lines.some((line) => line.path === path)) continue;
    group.lines.push({
      path,
      here: here.rows.find((row) => same(row, named)),
      published: published.find((row) => same(row, named)),
      reason: here.missing.find((row) => same(row, named))?.reason,
    });
  }
  return groups;
}

/** How many times faster the compiled step is than another path, both measured together. */
export function advantage(
  lines: readonly Line[],
  over: Row['path'],
  of: 'here' | 'published',
): number | undefined {
  const ms = (path: Row['path']) => lines.find((line) => line.path === path)?.[of]?.ms;
  const [theirs, ours] = [ms(over), ms('compiled')];
  return theirs === undefined || !ours ? undefined : theirs / ours;
}
