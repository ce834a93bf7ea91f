// One question to a worker that is there for it alone.

/** The worker's first answer; whatever happens, the worker is ended behind it. Rejects where its program fails. */
export function askOnce<Answer>(worker: Worker, message: unknown): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message);
  }).finally(() => worker.terminate());
}
