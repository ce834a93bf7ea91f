// Who has a run: one worker at a time, in all tabs of this browser. A claim ends with the worker, however that ends.

const PREFIX = 'metamae run ';

/** Takes the run for this context alone; gives a way to let go of it, or nothing where another has it. */
export function claim(id: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`${PREFIX}${id}`, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(undefined);
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Ids of the runs that somebody has. */
export async function claimed(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(
    held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])),
  );
}
