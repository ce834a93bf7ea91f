// The side of a rival that runs in a worker: it prepares, then steps when it is told, and says what each step cost.
import type { HostTensors } from '../objectives/objective';
import { installMeter, readMeter } from './meter';
import type { Reply, Request, StepCost } from './protocol';

/** A way to compute steps. */
export interface Path {
  /** Name of what computes. */
  adapter: string;
  /** Enqueues a step; settles with its loss. The time until it returns is the host's. */
  step(inputs: HostTensors): Promise<number>;
}

export type Prepare = (request: Request & { type: 'prepare' }) => Promise<Path>;

/** Serves requests with the path that `prepare` makes. */
export function serve(prepare: Prepare): void {
  installMeter();
  let path: Path | undefined;
  const reply = (message: Reply) => postMessage(message);
  self.addEventListener('message', async ({ data }: MessageEvent<Request>) => {
    try {
      if (data.type === 'prepare') {
        path = await prepare(data);
        readMeter();
        reply({ type: 'prepared', adapter: path.adapter });
      } else reply({ type: 'stepped', cost: await measured(path!, data.inputs) });
    } catch (error) {
      reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    }
  });
}

async function measured(path: Path, inputs: HostTensors): Promise<StepCost> {
  readMeter();
  const start = performance.now();
  const loss = path.step(inputs);
  const jsMs = performance.now() - start;
  const value = await loss;
  const ms = performance.now() - start;
  return { loss: value, ms, jsMs, ...readMeter() };
}

export async function adapterName(): Promise<string> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error('there is no WebGPU adapter');
  const { vendor, architecture, description } = adapter.info;
  return [vendor, architecture, description].filter(Boolean).join(' ');
}
