// Work that follows a moving target: what is asked for while it runs is done once more afterwards, with what is wanted by then.

/**
 * @param task is told how to see that it was asked for anew: it may end early then
 * @returns asks for the task; one runs at a time, and at most one waits
 */
export function latest(task: (isStale: () => boolean) => Promise<void>): () => void {
  let wanted = false;
  let busy = false;
  const work = async () => {
    busy = true;
    try {
      while (wanted) {
        wanted = false;
        await task(() => wanted);
      }
    } finally {
      busy = false;
    }
  };
  return () => {
    wanted = true;
    if (!busy) void work();
  };
}
