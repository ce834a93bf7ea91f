// Checks a fixture away from the page: its policy allows wasm in workers alone.
import type { NamedBlob } from '../data/source';
import type { BackendName } from '../tensor/backend';
import { answer } from './answer';
import { parity } from './parity';

export interface ParityRequest {
  file: NamedBlob;
  backend: BackendName;
  engine: 'eager' | 'compiled' | undefined;
}

self.addEventListener('message', async ({ data }: MessageEvent<ParityRequest>) => {
  const { file, backend, engine } = data;
  postMessage(await answer(() => parity(file, backend, engine)));
});
