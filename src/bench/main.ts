// The page of the benchmark: what `npm run bench` and the tests of the compiler ask of a browser.
import { agreement } from './agreement';
import { plan } from './plan';
import { type BenchOptions, bench } from './run';
import { tracking } from './tracking';

const surface = {
  bench: (options: BenchOptions) => bench(options, (message) => window.hear?.(message)),
  agreement,
  tracking,
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
