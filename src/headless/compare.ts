// A comparison of methods from data to report, through the same session and worker as the page's.
import type { NamedBlob } from '../data/source';
import { type Finished, isOutcome } from '../evaluate/comparison/outcome';
import { type PlannedRun, planRuns, type Sweep } from '../evaluate/comparison/plan';
import { Cancelled, Queue } from '../evaluate/comparison/queue';
import {
  comparisonCsv,
  comparisonJson,
  comparisonMarkdown,
  headerOf,
} from '../evaluate/comparison/report';
import { comparisonTable } from '../evaluate/comparison/table';
import { ComparisonRunner } from '../session/compare';
import type { Device } from '../session/protocol';
import type { Recipe } from '../train/recipe';
import { checkedRecipe, hasSetting, objectiveNamed, RequestError, readSetting } from './overrides';
import { choicesOf, readData, recipeFor } from './request';
import type { CompareRequest, CompareResult, Progress } from './surface';

/**
 * Reads the data, plans the runs, makes them one by one, and writes the report's files.
 *
 * @param signal ends the comparison; what is finished is reported
 * @throws RequestError or DataError where the user's files or settings are at fault
 */
export async function compare(
  request: CompareRequest,
  files: NamedBlob[],
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<CompareResult> {
  const given = request.recipe
    ? checkedRecipe(request.recipe, request.recipeName ?? 'recipe')
    : undefined;
  for (const name of request.objectives) objectiveNamed(name);
  const choices = choicesOf(request, given);
  const dataset = await readData(request, files, choices, given, report, signal);
  for (const text of dataset.warnings) report({ kind: 'note', text });
  const recipes = recipesOf(request, (objective, set) =>
    recipeFor({ ...request, objective, set }, given, dataset, choices),
  );
  const first = request.seed ?? 0;
  const seeds = Array.from({ length: request.seeds }, (_, i) => first + i);
  const plan = planned(recipes, seeds, sweepsOf(request, recipes));
  const known = new Set(plan.map((run) => run.id));
  const kept = (request.kept ?? []).filter((run) => isOutcome(run) && known.has(run.id));
  const finished = [...kept];
  let device: Device | undefined;
  const runner = new ComparisonRunner({
    dataset,
    points: request.points,
    ...(request.evaluation && { evaluation: request.evaluation }),
    ...(request.seconds !== undefined && { seconds: request.seconds }),
    onDevice: (opened) => {
      device = opened;
      report({ kind: 'note', text: `${opened.adapter}. ${opened.note}` });
    },
  });
  const queue = new Queue(
    plan,
    runner.runOne,
    kept,
    ({ done, total, current }) => {
      if (!current) return;
      const { id, step, steps } = current;
      const what = `run ${done + 1} of ${total} (${id}), step ${step} of ${steps},`;
      report({ kind: 'phase', what, fraction: (done + step / Math.max(1, steps)) / total });
    },
    (run) => {
      finished.push(run);
      report({ kind: 'run', run });
    },
  );
  signal.addEventListener('abort', () => queue.cancel(), { once: true });
  try {
    await queue.run();
    // Where all was kept, no run has opened it.
    if (!device && finished.some(isOutcome)) await runner.open(recipes[0]!.backend);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
  } finally {
    runner.close();
  }
  if (!device) throw faultOf(finished);
  const header = headerOf(
    {
      data: dataset.name,
      steps: recipes[0]!.steps,
      seeds,
      backend: `${device.backend}: ${device.adapter}`,
      ...(request.command !== undefined && { command: request.command }),
    },
    finished,
  );
  const failed = finished.filter((run) => !isOutcome(run)).length;
  return {
    device,
    files: {
      'comparison.csv': comparisonCsv(finished),
      'comparison.json': comparisonJson(header, finished),
      'comparison.md': comparisonMarkdown(header, finished),
    },
    runs: { planned: plan.length, finished: finished.length - failed, failed },
    table: comparisonTable(finished),
  };
}

/** A recipe for each method. A setting that only some of them have is set in those. */
function recipesOf(
  { objectives, set }: CompareRequest,
  make: (objective: string, set: [string, string][]) => Recipe,
): Recipe[] {
  const bare = objectives.map((objective) => make(objective, []));
  for (const [key] of set) {
    if (key.startsWith('data.reading.')) continue;
    // Where none has it, the first one says what there is.
    if (!bare.some((recipe) => hasSetting(recipe, key))) make(objectives[0]!, set);
  }
  return objectives.map((objective, i) =>
    make(
      objective,
      set.filter(([key]) => hasSetting(bare[i]!, key)),
    ),
  );
}

function sweepsOf({ sweep }: CompareRequest, recipes: Recipe[]): Sweep[] {
  return sweep.map(([key, texts]) => {
    const recipe = recipes.find((candidate) => hasSetting(candidate, key)) ?? recipes[0]!;
    return readSetting(recipe, key, texts);
  });
}

function planned(recipes: Recipe[], seeds: number[], sweeps: Sweep[]): PlannedRun[] {
  return planRuns(recipes, seeds, sweeps).map((run) => ({
    ...run,
    recipe: checkedRecipe(run.recipe, run.id),
  }));
}

/** Why no run was made. */
function faultOf(finished: Finished[]): Error {
  const [run] = finished;
  return run && !isOutcome(run)
    ? new Error(run.fault)
    : new RequestError('The comparison was ended before its first run.');
}
