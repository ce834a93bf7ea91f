// The worker's side: takes a request from a port, reads, answers.
import { fetchFrom, loadBuiltin } from './builtin';
import { inspectFiles, loadFiles } from './load';
import { type Answer, buffersOf, type Request, toFailure } from './protocol';
import type { DecodedSound, Reading } from './reading';

/** What a worker and one end of a message channel have in common. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

/** Progress is told no more often than this, in milliseconds. */
const PROGRESS_EVERY = 50;

/** Answers the requests that come through `port`. */
export function serve(port: Port): void {
  const answer = (message: Answer, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);
  const waiting = new Map<
    number,
    { resolve(sound: DecodedSound): void; reject(error: Error): void }
  >();
  let asked = 0;
  let told = Number.NEGATIVE_INFINITY;
  const reading: Reading = {
    onProgress(fraction, what) {
      const now = performance.now();
      if (now - told < PROGRESS_EVERY) return;
      told = now;
      answer({ type: 'progress', fraction, what });
    },
    decodeSound: (bytes, file, sampleRate) =>
      new Promise((resolve, reject) => {
        const id = asked++;
        waiting.set(id, { resolve, reject });
        answer({ type: 'decode', id, bytes, file, sampleRate }, [bytes.buffer]);
      }),
  };

  const handle = async (request: Request) => {
    switch (request.type) {
      case 'inspect': {
        const inspection = await inspectFiles(request.files, request.choices, reading);
        answer({ type: 'inspected', inspection }, buffersOf(inspection.sample));
        break;
      }
      case 'load': {
        const dataset = await loadFiles(request.files, request.choices, reading);
        answer({ type: 'loaded', dataset }, buffersOf(dataset));
        break;
      }
      case 'builtin': {
        const dataset = await loadBuiltin(request.name, fetchFrom(request.page));
        answer({ type: 'loaded', dataset }, buffersOf(dataset));
        break;
      }
      case 'decoded':
        waiting.get(request.id)?.resolve(request.sound);
        waiting.delete(request.id);
        break;
      case 'undecodable':
        waiting.get(request.id)?.reject(new Error(request.reason));
        waiting.delete(request.id);
        break;
    }
  };
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    handle(data).catch((error: unknown) => answer({ type: 'failed', failure: toFailure(error) }));
  };
}
