// The headless page: the engine without the page around it, for the runner and for the tests of the engine.
import { askOnce } from '../askOnce';
import type { NamedBlob } from '../data/source';
import { studyMarkdown } from '../evaluate/comparison/report';
import { answer } from './answer';
import { compare } from './compare';
import { evaluateWeights } from './evaluate';
import type { ParityRequest } from './parity.worker';
import { pretrain, type Trained } from './pretrain';
import type { Progress, Surface } from './surface';

/** What the tables of a study show, of all that is measured. */
const STUDY_MEASURES = [
  'fast',
  'regularised',
  'reference',
  'neighbours',
  'labels 1 %',
  'labels 5 %',
  'labels 10 %',
];

/** Milliseconds in which files that the browser was told of have to be in their field. */
const FILES_WAIT = 2000;

let files: NamedBlob[] = [];
let trained: Trained | undefined;
let weights: NamedBlob | undefined;
let control = new AbortController();
/** The last message is heard before the answer that it belongs to. */
let heard: Promise<void> = Promise.resolve();

function report(progress: Progress): void {
  const { report } = window;
  if (report) heard = heard.then(() => report(progress));
}

/** The files that were taken since the last request. */
function takenFiles(): NamedBlob[] {
  const taken = files;
  files = [];
  return taken;
}

/** Empties the fields. */
function fieldFiles(): NamedBlob[] {
  return [...document.querySelectorAll('input')].flatMap((field) => {
    const found = [...(field.files ?? [])];
    field.value = '';
    return found.map((file) => ({ name: file.webkitRelativePath || file.name, blob: file }));
  });
}

const surface: Surface = {
  async adapter() {
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) return undefined;
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    return { vendor, architecture, description, software: isFallbackAdapter };
  },

  async takeFiles() {
    const latest = performance.now() + FILES_WAIT;
    let arrived = fieldFiles();
    while (arrived.length === 0 && performance.now() < latest) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      arrived = fieldFiles();
    }
    files.push(...arrived);
    return arrived.length;
  },

  pretrain: (request) =>
    answer(async () => {
      control = new AbortController();
      trained = await pretrain(request, takenFiles(), report, control.signal);
      await heard;
      return trained.result;
    }),

  compare: (request) =>
    answer(async () => {
      control = new AbortController();
      const result = await compare(request, takenFiles(), report, control.signal);
      await heard;
      return result;
    }),

  studyReport: (entries) => studyMarkdown(entries, STUDY_MEASURES),

  takeWeights() {
    weights = files.pop();
  },

  evaluate: (request) =>
    answer(async () => {
      if (!weights) throw new Error('no weights were taken');
      control = new AbortController();
      const result = await evaluateWeights(request, weights, takenFiles(), report, control.signal);
      await heard;
      return result;
    }),

  stop: () => control.abort(),

  saveWeights() {
    if (!trained) throw new Error('nothing is trained yet');
    const { file, bytes } = trained.weights;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = file;
    link.click();
  },

  async parity(backend, engine) {
    const [file] = takenFiles();
    if (!file) return { ok: false, usage: false, fault: 'no fixture was taken' };
    const request: ParityRequest = { file, backend, engine };
    const worker = new Worker(new URL('./parity.worker.ts', import.meta.url), { type: 'module' });
    return askOnce(worker, request);
  },
};

window.headless = surface;
