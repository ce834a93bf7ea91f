// The page's end of the projection worker, which is started when the first map is asked for.
import type { Projection } from './project';
import type { Method, ProjectionAnswer, ProjectionRequest } from './worker';

export type { Method };
export type ProjectedMap = Projection & {
  /** `[rows, NEAREST]`: rows that are nearest in all dimensions, nearest first; -1 where there are fewer. */
  neighbours: Int32Array;
};

interface Waiting {
  resolve: (map: ProjectedMap) => void;
  reject: (error: Error) => void;
}

let worker: Worker | undefined;
let requests = 0;
const waiting = new Map<number, Waiting>();

/**
 * Projects features to two dimensions.
 *
 * @param features `[rows, width]`
 * @returns rejects with an Error that says why there is no map
 */
export function project(
  features: Float32Array,
  width: number,
  method: Method,
): Promise<ProjectedMap> {
  worker ??= start();
  const request = ++requests;
  const message: ProjectionRequest = { request, method, features, width };
  worker.postMessage(message);
  return new Promise((resolve, reject) => waiting.set(request, { resolve, reject }));
}

function start(): Worker {
  const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  started.onmessage = ({ data }: MessageEvent<ProjectionAnswer>) => {
    const asked = waiting.get(data.request);
    waiting.delete(data.request);
    if ('map' in data) asked?.resolve(data.map);
    else asked?.reject(new Error(data.fault));
  };
  started.onerror = (event) => {
    worker = undefined;
    started.terminate();
    const error = new Error(event.message || 'the program that draws maps could not be loaded');
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  return started;
}
