// The page's side of the reading worker: inspect and load files without blocking, with progress and cancel.
import { type Choices, listed } from './choices';
import { DataError, type Dataset } from './dataset';
import { decodeSound } from './decodeSound';
import type { Inspection } from './load';
import { type Answer, type Request, toError } from './protocol';
import type { NamedBlob } from './source';

export interface ClientOptions {
  signal?: AbortSignal;
  /** `fraction` of the whole in [0, 1], and what is being done. */
  onProgress?: (fraction: number, what: string) => void;
  /** Milliseconds without a word from the worker after which it is ended: a damaged file may send a decoder in circles. */
  patience?: number;
}

const PATIENCE = 120_000;

/** The part of a Worker that is needed; tests bring a stand-in. */
export interface ReadingWorker {
  postMessage(message: Request, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

const startWorker = (): ReadingWorker =>
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'reading' });

/**
 * What files hold and how they would be read; see `inspectFiles` in load.ts.
 *
 * @throws DataError for bad input; the signal's reason when cancelled
 */
export async function inspect(
  files: NamedBlob[],
  choices: Choices = {},
  options: ClientOptions = {},
  start = startWorker,
): Promise<Inspection> {
  const answer = await ask({ type: 'inspect', files, choices }, options, start);
  if (answer.type !== 'inspected') throw new Error(`unexpected answer ${answer.type}`);
  return answer.inspection;
}

/**
 * Reads files into a data set; see `loadFiles` in load.ts.
 *
 * @throws DataError for bad input; the signal's reason when cancelled
 */
export async function load(
  files: NamedBlob[],
  choices: Choices = {},
  options: ClientOptions = {},
  start = startWorker,
): Promise<Dataset> {
  const answer = await ask({ type: 'load', files, choices }, options, start);
  if (answer.type !== 'loaded') throw new Error(`unexpected answer ${answer.type}`);
  return answer.dataset;
}

/**
 * Fetches and unpacks a built-in data set; see builtin.ts.
 *
 * @param name as in the catalogue, with or without `builtin:` in front
 * @throws DataError where there is no such data set, or its files cannot be read
 */
export async function loadBuiltin(
  name: string,
  options: ClientOptions = {},
  start = startWorker,
): Promise<Dataset> {
  const answer = await ask({ type: 'builtin', name, page: document.baseURI }, options, start);
  if (answer.type !== 'loaded') throw new Error(`unexpected answer ${answer.type}`);
  return answer.dataset;
}

/** One worker for one request: cancelling is ending it, and its memory goes with it. */
function ask(
  request: Extract<Request, { type: 'inspect' | 'load' | 'builtin' }>,
  { signal, onProgress, patience = PATIENCE }: ClientOptions,
  start: () => ReadingWorker,
): Promise<Extract<Answer, { type: 'inspected' | 'loaded' }>> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const worker = start();
    let watch: ReturnType<typeof setTimeout>;
    const giveUp = () => {
      end();
      const names =
        request.type === 'builtin'
          ? request.name
          : listed(
              request.files.map(({ name }) => name),
              3,
            );
      reject(
        new DataError(
          names,
          `kept the reader busy for ${Math.round(patience / 1000)} s without getting on`,
          'It is probably damaged; fetch it again, or bring it in another format.',
        ),
      );
    };
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(giveUp, patience);
    };
    const end = () => {
      clearTimeout(watch);
      worker.terminate();
      signal?.removeEventListener('abort', cancel);
    };
    const cancel = () => {
      end();
      reject(signal!.reason);
    };
    signal?.addEventListener('abort', cancel);
    worker.onerror = (event) => {
      end();
      reject(new Error(`The reader stopped: ${event.message || 'it ran out of memory'}.`));
    };
    worker.onmessage = ({ data }) => {
      heard();
      switch (data.type) {
        case 'progress':
          onProgress?.(data.fraction, data.what);
          break;
        case 'decode': {
          const { id } = data;
          decodeSound(data.bytes, data.file, data.sampleRate).then(
            (sound) =>
              worker.postMessage(
                { type: 'decoded', id, sound },
                sound.channels.map((channel) => channel.buffer as ArrayBuffer),
              ),
            (error: unknown) => {
              const reason = error instanceof Error ? error.message : String(error);
              worker.postMessage({ type: 'undecodable', id, reason }, []);
            },
          );
          break;
        }
        case 'failed':
          end();
          reject(toError(data.failure));
          break;
        case 'inspected':
        case 'loaded':
          end();
          resolve(data);
          break;
      }
    };
    heard();
    worker.postMessage(request, []);
  });
}
