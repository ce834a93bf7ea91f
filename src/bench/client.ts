// The page's end of the benchmark.
import type { FromBench, ToBench } from './protocol';

/**
 * Starts the benchmark in a worker.
 *
 * @returns what ends it at once; nothing is heard after that
 */
export function startBenchmark(request: ToBench, hear: (message: FromBench) => void): () => void {
  const worker = new Worker(new URL('./bench.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<FromBench>) => hear(data);
  worker.onerror = ({ message }) => hear({ type: 'failed', message });
  worker.postMessage(request);
  return () => worker.terminate();
}
