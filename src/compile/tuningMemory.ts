// Remembers what was measured on an adapter, so that it is measured once.
import type { Variants } from './generate/generate';
import { neighboursInSubgroup } from './subgroups';
import { type Tuning, tune, tunedVariants } from './tune';
import { gpuVariants } from './variants';

/** Texts by key that outlive the page. */
export interface TuningMemory {
  read(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
}

/** Changes whenever kernels or candidates change enough for old measurements to mislead. */
const VERSION = 2;

/**
 * Variants for an adapter, measured now if they are not remembered.
 *
 * @param adapter its name, and what else the measurements hang on
 * @param measured measures; about a second
 */
export async function rememberedVariants(
  adapter: string,
  memory: TuningMemory,
  measured: () => Promise<Tuning>,
): Promise<Variants> {
  const key = `${VERSION} ${adapter}`;
  const known = await memory.read(key);
  if (known !== undefined) return tunedVariants(JSON.parse(known) as Tuning, gpuVariants);
  const tuning = await measured();
  await memory.write(key, JSON.stringify(tuning));
  return tunedVariants(tuning, gpuVariants);
}

/** The same on a device, remembered by the browser. */
export const variantsOn = (device: GPUDevice, adapter: string): Promise<Variants> =>
  neighboursInSubgroup(device).then((neighbours) =>
    // A browser or a driver may deal out subgroups otherwise one day.
    rememberedVariants(`${adapter}, subgroups of ${neighbours}`, browserMemory, () =>
      tune(device, neighbours),
    ),
  );

const STORE = 'tuning';

/** IndexedDB, which workers have too. Where the browser denies it, every page measures for itself. */
const browserMemory: TuningMemory = {
  read: (key) => request('readonly', (store) => store.get(key)).catch(() => undefined),
  write: (key, text) =>
    request('readwrite', (store) => store.put(text, key)).then(
      () => {},
      () => {},
    ),
};

function request(
  mode: IDBTransactionMode,
  ask: (store: IDBObjectStore) => IDBRequest,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('metamae-compiler', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const asked = ask(database.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => {
        resolve(asked.result as string | undefined);
        database.close();
      };
      asked.onerror = () => {
        reject(asked.error);
        database.close();
      };
    };
  });
}
