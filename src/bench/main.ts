// The page of the benchmark: what `npm run bench` and the tests of the compiler ask of a browser.
import { askOnce } from '../askOnce';
import type { Checks } from './checks.worker';
import { plan } from './plan';
import { type BenchOptions, bench } from './run';

/** Runs a check in a worker of its own. */
const check =
  <Name extends keyof Checks>(name: Name) =>
  async (...parameters: Parameters<Checks[Name]>) => {
    const worker = new Worker(new URL('./checks.worker.ts', import.meta.url), { type: 'module' });
    type Answer = { value: Awaited<ReturnType<Checks[Name]>>; fault?: string };
    const { value, fault } = await askOnce<Answer>(worker, [name, ...parameters]);
    if (fault !== undefined) throw new Error(fault);
    return value;
  };

const surface = {
  bench: (options: BenchOptions) => bench(options, (message) => window.hear?.(message)),
  agreement: check('agreement'),
  endurance: check('endurance'),
  evaluation: check('evaluation'),
  tracking: check('tracking'),
  plan,
};

declare global {
  interface Window {
    benchmark: typeof surface;
    /** Hears what is being measured; the runner puts it there. */
    hear?: (message: string) => void;
  }
}

window.benchmark = surface;
