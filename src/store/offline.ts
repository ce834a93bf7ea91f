// The page without a network: its service worker is started, told what was loaded before it, and a newer version is offered.
import { create } from 'zustand';
import type { Dataset } from '../data/dataset';
import type { Message } from '../offline/serviceWorker';
import { useData } from './data';

interface OfflineState {
  /** True once the page opens without a network. */
  isReady: boolean;
  /** A newer version is here and waits until no page of this one is left. */
  isUpdateReady: boolean;
  /** The newer version could not be opened: another tab still shows this one. */
  isBlocked: boolean;
}

export const useOffline = create<OfflineState>(() => ({
  isReady: false,
  isUpdateReady: false,
  isBlocked: false,
}));

let registration: ServiceWorkerRegistration | undefined;

/** Files of a built-in set; nothing of a set of the user's, which no network has. */
function filesOf(source: string): string[] {
  const name = /^builtin:(.+)$/.exec(source)?.[1];
  if (name === undefined) return [];
  return ['data/NAME.json', 'data/NAME.bin', 'models/NAME.json', 'models/NAME.safetensors'].map(
    (path) => path.replace('NAME', name),
  );
}

/** Starts the service worker of a built page, where the browser has such a thing and allows it. */
export async function goOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  try {
    await serviceWorker.register(new URL('sw.js', document.baseURI), { updateViaCache: 'none' });
  } catch (error) {
    // A private window, or a page that is not served over https: all but this works.
    console.warn('The page will not open without a network:', error);
    return;
  }
  registration = await serviceWorker.ready;
  const known = registration;
  const look = () => useOffline.setState({ isUpdateReady: known.waiting !== null });
  const follow = () => known.installing?.addEventListener('statechange', look);
  look();
  follow();
  known.addEventListener('updatefound', follow);
  await controlled();
  // Whoever fetched them, and whenever: a worker, or this page before it was controlled.
  const keep = (dataset: Dataset | undefined) => {
    if (dataset) tell({ type: 'keep', paths: filesOf(dataset.origin.source) });
  };
  keep(useData.getState().dataset);
  useData.subscribe(({ dataset }, before) => {
    if (dataset !== before.dataset) keep(dataset);
  });
  useOffline.setState({ isReady: true });
}

/** Opens the newer version in place of this one, where no other tab is in the way. */
export function openUpdate(): void {
  const waiting = registration?.waiting;
  if (!waiting) return;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data: isAlone }: MessageEvent<boolean>) => {
    port1.close();
    useOffline.setState({ isBlocked: !isAlone });
    if (isAlone) {
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
    }
  };
  waiting.postMessage({ type: 'takeOver' } satisfies Message, [port2]);
}

/** Settles once a service worker answers for this page. */
function controlled(): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker.controller) return Promise.resolve();
  return new Promise((settle) => {
    serviceWorker.addEventListener('controllerchange', () => settle(), { once: true });
  });
}

function tell(message: Message): void {
  navigator.serviceWorker.controller?.postMessage(message);
}
