// Runs the benchmark away from the page, whose policy allows tfjs in workers alone; the rivals get workers of their own.
import type { FromBench, ToBench } from './protocol';
import { bench } from './run';
import { objectiveNames, works } from './works';

const post = (message: FromBench) => self.postMessage(message);

self.addEventListener('message', async ({ data }: MessageEvent<ToBench>) => {
  try {
    const { paths, rounds } = data;
    for (const { name } of works) {
      if (!data.works.includes(name)) continue;
      for (const objective of objectiveNames) {
        const options = { works: [name], objectives: [objective], paths, rounds };
        const result = await bench(options, (message) => post({ type: 'heard', message }));
        post({ type: 'measured', result });
      }
    }
    post({ type: 'done' });
  } catch (error) {
    post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
});
