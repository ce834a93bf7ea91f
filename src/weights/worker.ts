// Makes files of runs, and reads weights and runs that somebody else wrote, away from the page: large ones take their time, and a hostile
// one takes nothing but this worker.
import { DataError } from '../data/dataset';
import { packRuns, unpackRuns } from '../storage/archive';
import { openFolder, StorageError } from '../storage/folder';
import { curvesCsv, curvesJson } from './curves';
import { featuresCsv, featuresNpz } from './features';
import { weightFormats } from './formats';
import { importWeights } from './import';
import type { Answer, Request } from './protocol';

async function answer(request: Request): Promise<Answer> {
  switch (request.type) {
    case 'weights': {
      const format = weightFormats.find(({ id }) => id === request.format);
      const { weights, about, probe } = request;
      const { recipe, data, step } = importWeights(weights, 'The weights of this run');
      const report = { ...about, recipe: recipe!, data: data!, step: step! };
      return { type: 'made', bytes: format!.make({ report, weights, probe }) };
    }
    case 'features': {
      const make = request.format === 'npz' ? featuresNpz : featuresCsv;
      return { type: 'made', bytes: make(request.table) };
    }
    case 'curves': {
      const { format, recipe, rows } = request;
      return {
        type: 'made',
        bytes: format === 'csv' ? curvesCsv(rows) : curvesJson(recipe, rows),
      };
    }
    case 'read':
      return { type: 'read', weights: importWeights(request.bytes, request.file) };
    case 'pack':
      return { type: 'made', bytes: await packRuns(await openFolder(), request.ids) };
    case 'unpack': {
      const runs = await unpackRuns(await openFolder(), request.file);
      return { type: 'unpacked', names: runs.map(({ name }) => name) };
    }
  }
}

function failure(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DataError) {
    const { file, fault, remedy } = error;
    return { type: 'failed', message, data: { file, fault, remedy } };
  }
  if (error instanceof StorageError) {
    const { remedy } = error;
    return { type: 'failed', message, data: { file: 'The storage', fault: message, remedy } };
  }
  return { type: 'failed', message };
}

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  self.postMessage(await answer(data).catch(failure));
};
