// Lets the rivals step in turn on the same inputs, and takes the middle of what they cost.

import { ops } from '../tensor/ops';
import { initialState } from '../train/engine';
import { defineStep, drawNoise, hostInputs, type StepDefinition } from '../train/step';
import type { ParameterValues, Reply, Request, Result, Row, StepCost } from './protocol';
import {
  type ObjectiveName,
  objectiveNames,
  type PathName,
  pathNames,
  type Work,
  works,
} from './works';

export interface BenchOptions {
  works?: readonly string[];
  paths?: readonly PathName[];
  objectives?: readonly ObjectiveName[];
  /** Steps of each rival after the first, in turn with the others. */
  rounds?: number;
  /** Time a rival's first step may take. */
  patienceMs?: number;
}

/** Where a rival works. */
class Rival {
  private readonly worker: Worker;

  constructor(readonly path: PathName) {
    this.worker = spawn(path);
  }

  ask(request: Request, patienceMs: number): Promise<Reply> {
    return new Promise((resolve) => {
      const give = (reply: Reply) => {
        clearTimeout(timer);
        this.worker.onmessage = null;
        this.worker.onerror = null;
        resolve(reply);
      };
      const timer = setTimeout(
        () => give({ type: 'failed', message: `took longer than ${patienceMs / 1000} s` }),
        patienceMs,
      );
      this.worker.onmessage = ({ data }: MessageEvent<Reply>) => give(data);
      this.worker.onerror = ({ message }) => give({ type: 'failed', message });
      this.worker.postMessage(request);
    });
  }

  end(): void {
    this.worker.terminate();
  }
}

function spawn(path: PathName): Worker {
  switch (path) {
    case 'plain-tfjs':
      return new Worker(new URL('./plainTfjs.worker.ts', import.meta.url), { type: 'module' });
    case 'jax-js':
      return new Worker(new URL('./jaxJs.worker.ts', import.meta.url), { type: 'module' });
    default:
      return new Worker(new URL('./ours.worker.ts', import.meta.url), { type: 'module' });
  }
}

/** Measures; `report` hears what is being done. */
export async function bench(
  options: BenchOptions,
  report: (message: string) => void = () => {},
): Promise<Result> {
  const { rounds = 5, patienceMs = 180_000 } = options;
  const result: Result = { adapter: '', rows: [], memory: [], missing: [] };
  for (const work of works) {
    if (options.works && !options.works.includes(work.name)) continue;
    for (const objective of options.objectives ?? objectiveNames) {
      const paths = options.paths ?? pathNames;
      const measured = await race(work, objective, paths, { rounds, patienceMs, report });
      result.rows.push(...measured.rows);
      result.memory.push(...measured.memory);
      result.missing.push(...measured.missing);
      result.adapter ||= measured.adapter;
    }
  }
  return result;
}

interface Runner {
  rival: Rival;
  firstMs: number;
  costs: StepCost[];
}

async function race(
  work: Work,
  objective: ObjectiveName,
  paths: readonly PathName[],
  {
    rounds,
    patienceMs,
    report,
  }: Required<Pick<BenchOptions, 'rounds' | 'patienceMs'>> & {
    report: (message: string) => void;
  },
): Promise<Result> {
  const definition = defineStep(ops, { ...work, objective });
  const parameters = parametersOf(definition);
  const result: Result = { adapter: '', rows: [], memory: [], missing: [] };
  const runners: Runner[] = [];
  const give = (rival: Rival, reason: string) => {
    rival.end();
    result.missing.push({ work: work.name, path: rival.path, objective, reason });
  };
  for (const path of paths) {
    report(`${work.name} ${objective}: ${path} prepares`);
    const rival = new Rival(path);
    const start = performance.now();
    const prepared = await rival.ask(
      { type: 'prepare', path, work, objective, parameters },
      patienceMs,
    );
    const stepped =
      prepared.type === 'prepared'
        ? await rival.ask({ type: 'step', inputs: inputsOf(definition, work, 1) }, patienceMs)
        : prepared;
    if (prepared.type === 'prepared' && path !== 'wasm') result.adapter ||= prepared.adapter;
    if (stepped.type === 'stepped') {
      report(`${work.name} ${objective}: ${path} has loss ${stepped.cost.loss} at step 1`);
      runners.push({ rival, firstMs: performance.now() - start, costs: [] });
    } else give(rival, stepped.type === 'failed' ? stepped.message : 'no answer');
  }
  for (let round = 0; round < rounds; round++) {
    const inputs = inputsOf(definition, work, round + 2);
    for (const runner of [...runners]) {
      report(`${work.name} ${objective}: ${runner.rival.path}, round ${round + 1} of ${rounds}`);
      const reply = await runner.rival.ask({ type: 'step', inputs }, patienceMs);
      if (reply.type === 'stepped') runner.costs.push(reply.cost);
      else {
        runners.splice(runners.indexOf(runner), 1);
        give(runner.rival, reply.type === 'failed' ? reply.message : 'no answer');
      }
    }
  }
  for (const runner of runners) {
    result.rows.push(rowOf(work, objective, runner));
    result.memory.push({
      work: work.name,
      path: runner.rival.path,
      objective,
      steps: runner.costs.length + 1,
      bytes: [runner.costs[0]!.deviceBytes, runner.costs.at(-1)!.deviceBytes],
    });
    runner.rival.end();
  }
  return result;
}

function rowOf(work: Work, objective: ObjectiveName, { rival, firstMs, costs }: Runner): Row {
  const middle = (of: (cost: StepCost) => number) => median(costs.map(of));
  return {
    work: work.name,
    path: rival.path,
    objective,
    first_ms: firstMs,
    ms: middle((c) => c.ms),
    js_ms: middle((c) => c.jsMs),
    dispatches: middle((c) => c.dispatches),
    submits: middle((c) => c.submits),
    buffers: middle((c) => c.buffers),
    device_bytes: middle((c) => c.deviceBytes),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function parametersOf(definition: StepDefinition): ParameterValues {
  const { parameters } = initialState(definition, 0);
  return Object.fromEntries(
    definition.names.map(({ name, shape, trainable }) => [
      name,
      { shape, trainable, data: parameters[name] as Float32Array },
    ]),
  );
}

/** Waves of a few frequencies, and the noise of a step. */
export function inputsOf(definition: StepDefinition, work: Work, step: number) {
  const { input, batch } = work;
  if (input.kind !== 'series') throw new Error('the works are time series');
  const examples = Float32Array.from(
    { length: batch * input.channels * input.length },
    (_, i) => Math.sin(i * 0.37 + step) * Math.cos(i * 0.011),
  );
  return hostInputs(definition, examples, drawNoise(definition, 0, step));
}
