// The service worker: gives the page its files with or without a network. A new version is fetched whole and then waits until no
// page of the old one is left, so that no run is interrupted and no page gets files of two versions.
import { type Contents, Shelf } from './shelf';

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface MessageToWorker extends ExtendableEvent {
  readonly data: Message;
  readonly ports: readonly MessagePort[];
}
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly unknown[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listen: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listen: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', listen: (event: MessageToWorker) => void): void;
}

/** What the page may ask of its service worker. */
export type Message =
  /** Keep these files, which were loaded before this worker had the page; paths relative to it. */
  | { type: 'keep'; paths: string[] }
  /** Be the version in use from now on; answered on the port by whether no other page is in the way. */
  | { type: 'takeOver' };

/** Written in front of this file by the build. */
declare const contents: Contents;

const worker = self as unknown as WorkerScope;
const base = worker.registration.scope;
const shelf = caches
  .open('metamae')
  // Always asked of the server: its own cache may hold a file of the version before.
  .then((cache) => new Shelf(contents, base, cache, (url) => fetch(url, { cache: 'no-cache' })));
/** The same, to ask at once whether a file is one of ours. */
const names = new Shelf(contents, base, {} as Cache, fetch);

worker.addEventListener('install', (event) => {
  event.waitUntil(shelf.then((files) => files.fill()));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(shelf.then((files) => files.tidy()).then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  const path = method === 'GET' ? names.pathOf(url) : undefined;
  if (path !== undefined) event.respondWith(shelf.then((files) => files.answer(path)));
});

worker.addEventListener('message', (event) => {
  const { data: message, ports } = event;
  event.waitUntil(message.type === 'keep' ? keep(message.paths) : takeOver(ports[0]));
});

async function keep(paths: string[]): Promise<void> {
  const files = await shelf;
  const known = paths.filter((path) => files.pathOf(base + path) === path);
  // What cannot be kept now is kept when it is asked for next.
  await Promise.allSettled(known.map((path) => files.keep(path)));
}

async function takeOver(port: MessagePort | undefined): Promise<void> {
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const isAlone = pages.length <= 1;
  port?.postMessage(isAlone);
  if (isAlone) await worker.skipWaiting();
}
