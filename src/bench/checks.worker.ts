// The checks of the compiler, away from the page: its policy allows wasm in workers alone.
import { agreement } from './agreement';
import { endurance } from './endurance';
import { evaluation } from './evaluation';
import { tracking } from './tracking';

const checks = { agreement, endurance, evaluation, tracking };
export type Checks = typeof checks;

self.addEventListener('message', async ({ data: [name, ...parameters] }) => {
  try {
    const check = checks[name as keyof Checks] as (...p: unknown[]) => Promise<unknown>;
    postMessage({ value: await check(...parameters) });
  } catch (error) {
    postMessage({ fault: error instanceof Error ? error.message : String(error) });
  }
});
