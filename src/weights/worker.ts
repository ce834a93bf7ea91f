// Makes files of a run, and reads weights that somebody else wrote, away from the page: large ones take their time, and a hostile
// one takes nothing but this worker.
import { DataError } from '../data/dataset';
import { curvesCsv, curvesJson } from './curves';
import { featuresCsv, featuresNpz } from './features';
import { weightFormats } from './formats';
import { importWeights } from './import';
import type { Answer, Request } from './protocol';

function answer(request: Request): Answer {
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
  }
}

self.onmessage = ({ data }: MessageEvent<Request>) => {
  let reply: Answer;
  try {
    reply = answer(data);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reply = { type: 'failed', message };
    if (error instanceof DataError) {
      const { file, fault, remedy } = error;
      reply.data = { file, fault, remedy };
    }
  }
  self.postMessage(reply);
};
