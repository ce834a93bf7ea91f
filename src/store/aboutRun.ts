// An answer about the run at hand: asked for one at a time, and gone with its run.
import { create, type StoreApi, type UseBoundStore } from 'zustand';
import { useRun } from './run';

export interface Answered<Answer> {
  /** Of this run; undefined until it was asked for. */
  last: Answer | undefined;
  isBusy: boolean;
}

/**
 * @param ask a fault has been shown where it gives nothing: the answer before it stays
 * @returns the store of the answer, and what asks for it; while one is waited for, and without a run, asking does nothing
 */
export function aboutRun<Answer, Options extends unknown[]>(
  ask: (...options: Options) => Promise<Answer | undefined>,
): [UseBoundStore<StoreApi<Answered<Answer>>>, (...options: Options) => Promise<void>] {
  const use = create<Answered<Answer>>(() => ({ last: undefined, isBusy: false }));
  const request = async (...options: Options) => {
    const { prepared } = useRun.getState();
    if (!prepared || use.getState().isBusy) return;
    use.setState({ isBusy: true });
    try {
      const last = await ask(...options);
      if (last !== undefined && useRun.getState().prepared === prepared) use.setState({ last });
    } finally {
      use.setState({ isBusy: false });
    }
  };
  useRun.subscribe((state, before) => {
    if (state.prepared !== before.prepared) use.setState({ last: undefined });
  });
  return [use, request];
}
