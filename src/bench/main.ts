// The page of the benchmark: what `npm run bench` and the tests of the compiler ask of a browser.
import type { Checks } from './checks.worker';
import { plan } from './plan';
import { type BenchOptions, bench } from './run';

/** Runs a check in a worker of its own. */
const check =
  <Name extends keyof Checks>(name: Name) =>
  (...parameters: Parameters<Checks[Name]>): ReturnType<Checks[Name]> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./checks.worker.ts', import.meta.url), { type: 'module' });
      worker.onmessage = ({ data: { value, fault } }) => {
        worker.terminate();
        if (fault === undefined) resolve(value);
        else reject(new Error(fault));
      };
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage([name, ...parameters]);
    }) as ReturnType<Checks[Name]>;

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
