// The page's end of the worker that makes files of a run and reads weights. One worker for one request; one that overruns is ended.
import { DataError } from '../data/dataset';
import type { ImportedWeights } from './import';
import { checkWeightFile } from './limits';
import type { Answer, Request } from './protocol';

/** Milliseconds after which a request is given up. */
const PATIENCE = 120_000;

/** The part of a Worker that is needed; tests bring a stand-in. */
export interface Port {
  postMessage(message: Request): void;
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

const startWorker = (): Port =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'weights' });

/** Makes a file. Rejects where it cannot be made of this run. */
export async function makeFile(
  request: Exclude<Request, { type: 'read' | 'unpack' }>,
  start = startWorker,
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await ask(request, PATIENCE, start);
  if (answer.type !== 'made') throw new Error(`unexpected answer ${answer.type}`);
  return answer.bytes;
}

/**
 * Reads a file of weights.
 *
 * @throws DataError where it is too large, damaged, or keeps the reader busy for too long
 */
export async function readWeights(
  file: Pick<File, 'name' | 'size' | 'arrayBuffer'>,
  { patience = PATIENCE, start = startWorker }: { patience?: number; start?: () => Port } = {},
): Promise<{ weights: ImportedWeights; bytes: Uint8Array<ArrayBuffer> }> {
  checkWeightFile(file);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const answer = await ask({ type: 'read', bytes, file: file.name }, patience, start);
  if (answer.type !== 'read') throw new Error(`unexpected answer ${answer.type}`);
  return { weights: answer.weights, bytes };
}

/**
 * Adds the runs of a zip file to those that this browser keeps.
 *
 * @returns their names
 * @throws DataError where the file is damaged, none of this page's, or there is no room
 */
export async function addRuns(file: File, start = startWorker): Promise<string[]> {
  const request: Request = { type: 'unpack', file: { name: file.name, blob: file } };
  const answer = await ask(request, PATIENCE, start);
  if (answer.type !== 'unpacked') throw new Error(`unexpected answer ${answer.type}`);
  return answer.names;
}

function ask(
  request: Request,
  patience: number,
  start: () => Port,
): Promise<Exclude<Answer, { type: 'failed' }>> {
  return new Promise((resolve, reject) => {
    const worker = start();
    const end = () => {
      clearTimeout(watch);
      worker.terminate();
    };
    const watch = setTimeout(() => {
      end();
      const what = request.type === 'read' ? request.file : 'The file';
      const fault = `took longer than ${Math.round(patience / 1000)} s`;
      reject(new DataError(what, fault, 'Use a smaller one.'));
    }, patience);
    worker.onerror = (event) => {
      end();
      reject(new Error(`The worker stopped: ${event.message || 'it ran out of memory'}`));
    };
    worker.onmessage = ({ data }) => {
      end();
      if (data.type !== 'failed') return resolve(data);
      const { data: at, message } = data;
      reject(at ? new DataError(at.file, at.fault, at.remedy) : new Error(message));
    };
    worker.postMessage(request);
  });
}
