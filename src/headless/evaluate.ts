// Evaluates weights from a file on a data set, through the same session and worker as the page's.
import type { NamedBlob } from '../data/source';
import type { EvaluationOptions } from '../evaluate/evaluation';
import { recipeForWeights } from '../evaluate/transfer';
import { type EngineError, Session } from '../session/client';
import { backendSchema, type Recipe } from '../train/recipe';
import { importWeights } from '../weights/import';
import { checkWeightFile } from '../weights/limits';
import { override, RequestError } from './overrides';
import { choicesOf, inWords, readData, rethrow } from './request';
import type { EvaluateRequest, EvaluateResult, Progress } from './surface';

/**
 * @throws RequestError or DataError where the user's files or settings are at fault
 * @throws Error where the engine fails
 */
export async function evaluateWeights(
  request: EvaluateRequest,
  file: NamedBlob,
  files: NamedBlob[],
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<EvaluateResult> {
  const { name } = file;
  checkWeightFile({ name, size: file.blob.size });
  const bytes = new Uint8Array(await file.blob.arrayBuffer());
  const imported = importWeights(bytes, name);
  const { recipe: given } = imported;
  if (files.length === 0 && request.builtin === undefined && !given) {
    throw new RequestError(`${name}: does not say what it was trained on: name data with --data.`);
  }
  const choices = choicesOf(request, given);
  const asked = { ...request, recipeName: name };
  const dataset = await readData(asked, files, choices, given, report, signal);
  const recipe = recipeOf(request, recipeForWeights(imported, dataset, name));
  const session = new Session((event) => {
    if (event.type === 'notice') report({ kind: 'note', text: event.message });
  });
  try {
    report({ kind: 'phase', what: 'Starting the engine' });
    const device = await session.open(recipe.backend).catch(rethrow);
    const prepared = await session
      .prepare(recipe, dataset, { weights: { file: name, bytes } })
      .catch(refuse);
    report({ kind: 'phase', what: 'Evaluating' });
    const options: EvaluationOptions = { latent: request.latent };
    const { evaluation } = await session.evaluate(options).catch(refuse);
    const { step, reinitialised } = prepared.transferred!;
    const { unlabelled, ...labelled } = evaluation;
    const { map: _, ...figures } = unlabelled!;
    return {
      device,
      recipe: prepared.recipe,
      ...(step !== undefined && { step }),
      reinitialised,
      evaluation: { ...labelled, unlabelled: figures },
    };
  } finally {
    session.close();
  }
}

/** The recipe with what the request changes of it. */
function recipeOf({ backend, label, set }: EvaluateRequest, recipe: Recipe): Recipe {
  return override(
    {
      ...recipe,
      backend: backendSchema.optional().parse(backend) ?? recipe.backend,
      data: { ...recipe.data, label: label ?? recipe.data.label },
    },
    set,
  );
}

/** The engine lives on where weights, data or label are at fault. */
function refuse(error: EngineError): never {
  if (!error.fatal) throw new RequestError(inWords(error.message, error.remedy));
  return rethrow(error);
}
