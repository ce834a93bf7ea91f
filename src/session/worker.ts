// The training worker: takes commands, trains, and sends events. Everything that computes lives on this thread.
import { DataError, type Dataset } from '../data/dataset';
import { evaluate } from '../evaluate/evaluation';
import type { FrozenModel } from '../evaluate/features';
import { featureTable } from '../evaluate/featureTable';
import { linearProbe } from '../evaluate/linearProbe';
import { takeSnapshot } from '../evaluate/snapshot';
import { transferWeights } from '../evaluate/transfer';
import { tokenCount } from '../modality/inputSpec';
import { openBackend, webgpuDevice } from '../tensor/backend';
import { ops } from '../tensor/ops';
import { compiledEngine } from '../train/compiledEngine';
import { type EngineState, eagerEngine, initialState, type MakeEngine } from '../train/engine';
import type { BackendChoice, Recipe } from '../train/recipe';
import { stepOfRecipe } from '../train/step';
import { isFiniteRow, type MetricsRow, Trainer, TrainingError } from '../train/trainer';
import { exportWeights } from '../weights/export';
import { importWeights } from '../weights/import';
import { Keeper } from './keeper';
import { KeptModel } from './kept';
import type { Command, Device, Evaluation, EvaluationOptions, Event, Phase } from './protocol';

/** Steps that may be on the device before their losses are awaited. */
const IN_FLIGHT = 3;
/** Milliseconds between two events of metrics, and between two of reconstructions. */
const METRICS_INTERVAL = 100;
const RECONSTRUCTION_INTERVAL = 2000;
/** Milliseconds between two safety copies of the state, and the least multiple of a copy's own cost. */
const COPY_INTERVAL = 5000;
const COPY_COST_FACTOR = 50;
/** Held-out examples that are reconstructed unless others are asked for. */
const DEFAULT_RECONSTRUCTIONS = 6;
/** Milliseconds over which speed is averaged. */
const SPEED_WINDOW = 3000;

const post = (event: Event, transfer: Transferable[] = []) => self.postMessage(event, { transfer });

/** What a run says to the page. Once it is closed, what is still under way in it concerns nobody. */
class Voice {
  private isOver = false;

  readonly say = (event: Event): void => {
    if (!this.isOver) post(event);
  };

  end(): void {
    this.isOver = true;
  }
}

/** Lets messages in between two steps. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(undefined);
  });
}

/** One run and what is known of it. */
class Run {
  phase: Phase = 'idle';
  /** The last state whose losses were all finite. */
  private good: EngineState | undefined;
  private goodAt = 0;
  private copyCost = 0;
  private reading: Promise<MetricsRow>[] = [];
  private rows: MetricsRow[] = [];
  /** When a step was reached, by report: losses arrive in bursts, which single steps would mistake for speed. */
  private pace: { step: number; at: number }[] = [];
  private metricsAt = 0;
  private reconstructionsAt = 0;
  private looping = false;
  /** The step that is run to. */
  private until = 0;
  private isClosed = false;
  private isSaveAsked = false;

  constructor(
    readonly trainer: Trainer,
    readonly dataset: Dataset,
    private readonly voice: Voice,
    /** Where the run is kept, if it is. */
    readonly keeper?: Keeper,
  ) {}

  get recipe(): Recipe {
    return this.trainer.recipe;
  }

  setPhase(phase: Phase): void {
    this.phase = phase;
    this.voice.say({ type: 'phase', phase, step: this.trainer.steps });
  }

  /** Runs until `phase` is no longer running, so many steps are done, the last one is, or there is a failure. */
  async loop(limit = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.phase === 'finished' || this.phase === 'failed') return;
    this.until = Math.min(this.trainer.totalSteps, this.trainer.steps + limit);
    this.phase = 'running';
    // Told to go on while what was done before is still being looked at or kept: it goes on behind that.
    if (this.looping) return;
    this.looping = true;
    try {
      while (this.phase === 'running' && !this.isClosed) await this.run();
    } catch (error) {
      this.fail(error);
    } finally {
      this.looping = false;
    }
    // Asked for while the last pictures were made: nothing else would see to it.
    if (this.isSaveAsked && !this.isClosed) await this.save();
  }

  private async run(): Promise<void> {
    this.pace = [{ step: this.trainer.steps, at: performance.now() }];
    this.setPhase('running');
    await this.keeper?.phase('running');
    await this.copyState();
    while (this.phase === 'running' && this.trainer.steps < this.until) {
      const reading = this.trainer.step();
      // Heard where it is read; a run that fails or is closed before reads no more.
      reading.catch(() => {});
      this.reading.push(reading);
      if (this.reading.length > IN_FLIGHT) await this.readOne();
      this.report();
      if (performance.now() - this.reconstructionsAt > RECONSTRUCTION_INTERVAL) {
        await this.drain();
        // Before the pictures, which have to be compiled the first time.
        this.report();
        await this.reconstruct();
      }
      if (this.isCopyDue()) {
        await this.drain();
        await this.copyState();
      }
      await breathe();
    }
    await this.drain();
    await this.copyState();
    this.report(true);
    await this.reconstruct();
    if (this.isClosed) return;
    const { steps, totalSteps } = this.trainer;
    // A command may have set another phase meanwhile, or more steps to do.
    if (steps >= totalSteps) this.setPhase('finished');
    else if (this.phase !== 'running') this.setPhase(this.phase);
    else if (steps >= this.until) this.setPhase('paused');
    await this.keeper?.phase(this.phase);
  }

  /** Sends reconstructions of `indices`, or of a few held-out examples. */
  async reconstruct(indices?: number[]): Promise<void> {
    if (this.isClosed) return;
    this.reconstructionsAt = performance.now();
    const { validation, test, train } = this.trainer.examples.split;
    const heldOut = validation.length > 0 ? validation : test.length > 0 ? test : train;
    // Spread over all of them: neighbours in a file are often of one kind.
    const count = Math.min(DEFAULT_RECONSTRUCTIONS, heldOut.length);
    const spread = Array.from(
      { length: count },
      (_, i) => heldOut[Math.floor((i * heldOut.length) / count)]!,
    );
    const wanted = indices ?? spread;
    const items = await this.trainer.reconstruct(wanted);
    this.voice.say({ type: 'reconstructions', step: this.trainer.steps, items });
  }

  /** Evaluates a copy of the encoder, so that training may go on meanwhile. */
  async evaluate(options?: EvaluationOptions): Promise<{ step: number; evaluation: Evaluation }> {
    const { parameters, step } = await this.stateNow();
    const { definition, examples } = this.trainer;
    const { data, batchSize, seed } = this.recipe;
    const evaluation = await evaluate({ definition, parameters, freeze: this.freeze }, examples, {
      label: data.label,
      ...options,
      batchSize,
      seed,
    });
    return { step, evaluation };
  }

  /** Features of held-out examples from a copy of the encoder. */
  async snapshot(most: number) {
    const { parameters, step } = await this.stateNow();
    const { definition, examples } = this.trainer;
    const { label } = this.recipe.data;
    return {
      step,
      snapshot: await takeSnapshot(
        { definition, parameters, freeze: this.freeze },
        examples,
        label,
        most,
      ),
    };
  }

  /** Features of all examples from a copy of the encoder, with the recipe's label where they have it. */
  async features(probed: boolean) {
    const { parameters, step } = await this.stateNow();
    const { definition, examples } = this.trainer;
    const model = { definition, parameters, freeze: this.freeze };
    const label = this.dataset.labels.find(({ name }) => name === this.recipe.data.label);
    return {
      step,
      table: await featureTable(model, examples, label),
      probe:
        probed && label ? await linearProbe(model, examples, label, this.recipe.seed) : undefined,
    };
  }

  async export(): Promise<Uint8Array<ArrayBuffer>> {
    const { parameters, step } = await this.stateNow();
    return exportWeights(this.recipe, parameters, this.dataset, step);
  }

  /** Ends with a message; the last good state stays for export. */
  fail(error: unknown, fatal = false): void {
    if (this.phase === 'failed' || this.isClosed) return;
    this.report(true);
    this.phase = 'failed';
    this.reading = [];
    const checkpoint =
      this.good && exportWeights(this.recipe, this.good.parameters, this.dataset, this.good.step);
    this.voice.say({ type: 'error', ...faultOf(error), fatal, ...(checkpoint && { checkpoint }) });
    this.voice.say({ type: 'phase', phase: 'failed', step: this.good?.step ?? 0 });
    // A run whose device or worker is lost was only interrupted: it can go on from its last checkpoint.
    if (!fatal) void this.keeper?.phase('failed');
  }

  /** Ends the run after the step under way; its weights stay for export. */
  async stop(): Promise<void> {
    if (this.phase === 'finished' || this.phase === 'failed') return;
    if (this.looping) {
      // The loop sees it, keeps what was done, and says so.
      this.phase = 'finished';
      return;
    }
    this.setPhase('finished');
    await this.keeper?.phase('finished');
  }

  /** Frees the device, and lets other tabs have the run once all is written. */
  async close(): Promise<void> {
    this.voice.end();
    this.phase = 'finished';
    this.isClosed = true;
    this.trainer.dispose();
    await this.keeper?.release();
  }

  /** How a copy of the encoder runs: as the run itself does, unless its device failed. */
  private get freeze(): FrozenModel['freeze'] {
    const { engine } = this.trainer;
    return this.phase === 'failed' ? undefined : (f, parameters) => engine.freeze(f, parameters);
  }

  private stateNow(): Promise<EngineState> {
    return this.phase === 'failed' ? Promise.resolve(this.lastGood()) : this.trainer.engine.state();
  }

  private lastGood(): EngineState {
    if (!this.good)
      throw new TrainingError('the run failed before its first step', 'Start it again.');
    return this.good;
  }

  private async readOne(): Promise<void> {
    const row = await this.reading.shift()!;
    this.rows.push(row);
    this.keeper?.add(row);
    if (isFiniteRow(row)) return;
    throw new TrainingError(
      `step ${row.step} gave a loss or gradient that is not a number`,
      `Lower the learning rate or the inner learning rate, or clip gradients. The weights of step ${this.good?.step ?? 0} are kept.`,
    );
  }

  private async drain(): Promise<void> {
    while (this.reading.length > 0) await this.readOne();
  }

  /** Saves after the step under way; a run that stands still is saved where that had failed before. */
  async save(): Promise<void> {
    this.isSaveAsked = this.looping;
    if (this.looping || !this.good || !this.keeper?.isBehind) return;
    await this.keeper.save(this.good, this.trainer.definition.names, this.phase);
  }

  /** Keeps the state before any step. */
  async keepNow(): Promise<void> {
    await this.copyState();
    await this.keeper?.phase('paused');
  }

  private isCopyDue(): boolean {
    const interval = Math.max(COPY_INTERVAL, COPY_COST_FACTOR * this.copyCost);
    return this.isSaveAsked || performance.now() - this.goodAt > interval;
  }

  /** Copies the state to the host; called only where every step's losses have been read. */
  private async copyState(): Promise<void> {
    if (this.isClosed) return;
    const started = performance.now();
    this.isSaveAsked = false;
    const isKnown = this.good?.step === this.trainer.steps;
    if (!isKnown || this.keeper?.isBehind) {
      if (!isKnown) this.good = await this.trainer.engine.state();
      await this.keeper?.save(this.good!, this.trainer.definition.names);
    }
    this.goodAt = performance.now();
    this.copyCost = this.goodAt - started;
  }

  private report(now = false): void {
    const time = performance.now();
    if (this.rows.length === 0 || (!now && time - this.metricsAt < METRICS_INTERVAL)) return;
    this.metricsAt = time;
    this.pace.push({ step: this.rows.at(-1)!.step, at: time });
    while (this.pace.length > 2 && time - this.pace[0]!.at > SPEED_WINDOW) this.pace.shift();
    const [first, last] = [this.pace[0]!, this.pace.at(-1)!];
    const seconds = (last.at - first.at) / 1000;
    const stepsPerSecond = seconds > 0 ? (last.step - first.step) / seconds : 0;
    const { bytes, tensors } = this.trainer.engine.memory();
    this.voice.say({
      type: 'metrics',
      rows: this.rows,
      speed: {
        stepsPerSecond,
        examplesPerSecond: stepsPerSecond * this.recipe.batchSize,
        deviceBytes: bytes,
        tensors,
      },
    });
    this.rows = [];
  }
}

/** Errors of this project that say what to do. */
function hasRemedy(error: unknown): error is Error & { remedy: string } {
  return error instanceof Error && 'remedy' in error && typeof error.remedy === 'string';
}

/** What happened and what to do, in words for the user. */
function faultOf(error: unknown): { message: string; remedy: string } {
  if (error instanceof DataError) {
    return { message: `${error.file}: ${error.fault}`, remedy: error.remedy };
  }
  if (hasRemedy(error)) {
    return { message: error.message, remedy: error.remedy };
  }
  return {
    message: error instanceof Error ? error.message : String(error),
    remedy: 'Start the run again; if it fails again, try a smaller model or another backend.',
  };
}

let run: Run | undefined;
const keptModel = new KeptModel();
let device: Device | undefined;

/** The backend that is being opened, or the run that is being made: one after the other, since there is one of each at a time. */
let turn: Promise<void> = Promise.resolve();

function inTurn(act: () => Promise<void>): Promise<void> {
  const done = turn.then(act);
  turn = done.catch(() => {
    // Told to whom asked for it.
  });
  return done;
}

/** The newest device that was asked for: what becomes of those before concerns nobody. */
let newest = {};

async function open(backend: BackendChoice): Promise<void> {
  await closeRun();
  const own = {};
  newest = own;
  const failed = (message: string) => {
    if (own === newest) deviceFailed(message);
  };
  device = await openBackend(backend, {
    lost: (reason) => failed(`The GPU was lost: ${reason.replace(/\.$/, '')}.`),
    error: (message) => failed(`The GPU reported an error: ${message}`),
  });
  post({ type: 'device', device });
}

async function closeRun(): Promise<void> {
  keptModel.close();
  const closing = run?.close();
  run = undefined;
  await closing;
}

function deviceFailed(message: string): void {
  const error = new TrainingError(
    message,
    'Go on from what was kept, or choose WebAssembly to compute on.',
  );
  if (run) run.fail(error, true);
  else post({ type: 'error', message, remedy: error.remedy, fatal: true });
}

/** The engine that the recipe asks for, as far as this device has it. */
function engineFor({ engine }: Recipe, { software, adapter }: Device, { say }: Voice): MakeEngine {
  if (engine === 'eager') return eagerEngine;
  const gpu = webgpuDevice();
  if (gpu) {
    const isHalfAsked = engine === 'compiled-f16';
    const hasHalf = gpu.features.has('shader-f16');
    if (isHalfAsked && !hasHalf) {
      say({
        type: 'notice',
        message: 'This GPU does not compute with 16-bit floats; products are of 32 bits',
        remedy: 'Training goes on, as exact as without the choice.',
      });
    }
    return compiledEngine(gpu, {
      software,
      adapter,
      ...(isHalfAsked && hasHalf && { half: 'native' }),
      progress: (done, total) => say({ type: 'compiling', done, total }),
      notice: (message) =>
        say({ type: 'notice', message, remedy: 'Training goes on, step by step and slower.' }),
    });
  }
  if (engine === 'compiled' || engine === 'compiled-f16') {
    say({
      type: 'notice',
      message: 'Steps are compiled for WebGPU alone; this run goes operation by operation',
      remedy: 'Choose the WebGPU backend to compile.',
    });
  }
  return eagerEngine;
}

async function prepare({
  recipe,
  dataset,
  keep,
  weights,
}: Extract<Command, { type: 'prepare' }>): Promise<void> {
  if (!device) throw new TrainingError('no backend is open', 'Open one first.');
  await closeRun();
  const voice = new Voice();
  const keeper = keep && (await Keeper.open(keep, voice.say));
  let made: Run | undefined;
  let transferred: { step?: number; reinitialised: string[] } | undefined;
  try {
    const definition = stepOfRecipe(ops, recipe);
    const { names } = definition;
    const resumed = await keeper?.resume(names);
    let state = resumed?.state;
    if (weights) {
      const imported = importWeights(weights.bytes, weights.file);
      const start = initialState(definition, recipe.seed);
      const taken = transferWeights(names, start, imported, dataset, weights.file);
      const step = weights.isAsItIs ? (imported.step ?? 0) : 0;
      state ??= { ...taken.state, step };
      transferred = { step: imported.step, reinitialised: taken.reinitialised };
    }
    const trainer = Trainer.create(recipe, dataset, state, engineFor(recipe, device, voice));
    await keeper?.begin(trainer.recipe, dataset, device, trainer.definition.objective);
    made = new Run(trainer, dataset, voice, keeper);
    // What was trained elsewhere is kept before anything can come between.
    if (weights && !weights.isAsItIs) await made.keepNow();
  } catch (error) {
    await (made ? made.close() : keeper?.release());
    throw error;
  }
  run = made;
  const { trainer } = made;
  const { split, normalisation } = trainer.examples;
  const { objective, context } = trainer.definition;
  post({
    type: 'prepared',
    recipe: trainer.recipe,
    normalisation,
    parameters: trainer.parameterCount,
    tokens: tokenCount(recipe.input),
    visible: objective.encoderRows(context) - 1,
    examples: {
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
    },
    heldOut: trainer.examples.heldOut(),
    ...(transferred && { transferred }),
    ...(keeper?.resumed && { resumed: keeper.resumed }),
  });
  made.setPhase('idle');
}

function current(): Run {
  if (!run) throw new TrainingError('no run is prepared', 'Choose a data set and a recipe first.');
  return run;
}

async function obey(command: Command): Promise<void> {
  switch (command.type) {
    case 'open':
      return inTurn(() => open(command.backend));
    case 'prepare':
      return inTurn(() => prepare(command));
    case 'run':
      return current().loop(
        command.until === undefined ? undefined : command.until - current().trainer.steps,
      );
    case 'step':
      return current().loop(1);
    case 'pause':
      // The loop sees it after the step under way, and says so.
      if (current().phase === 'running') current().phase = 'paused';
      return;
    case 'save':
      return current().save();
    case 'stop':
      return current().stop();
    case 'reconstruct':
      return current().reconstruct(command.indices);
    case 'probe': {
      const { trainer, dataset } = current();
      const model = command.kept ? await keptModel.at(command.kept, dataset) : trainer;
      const answer = await model.probe(command.query);
      return post({ type: 'probed', request: command.request, answer });
    }
    case 'evaluate': {
      const { request, options } = command;
      const { step, evaluation } = await current().evaluate(options);
      return post({ type: 'evaluated', request, step, evaluation });
    }
    case 'walk':
      return post({
        type: 'walked',
        request: command.request,
        walk: await current().trainer.walk(),
      });
    case 'plan': {
      const plan = await current().trainer.engine.plan();
      return post({ type: 'planned', request: command.request, ...(plan && { plan }) });
    }
    case 'snapshot': {
      const { request, most } = command;
      const { step, snapshot } = await current().snapshot(most);
      return post({ type: 'snapshot', request, step, snapshot }, [snapshot.features.buffer]);
    }
    case 'examples': {
      const { request, indices } = command;
      const { examples } = current().trainer;
      const values = indices.map((index) => examples.encode([index]));
      return post({ type: 'examples', request, values });
    }
    case 'features': {
      const { request, probed } = command;
      const { step, table, probe } = await current().features(probed);
      return post({ type: 'features', request, step, table, ...(probe && { probe }) }, [
        table.features.buffer as ArrayBuffer,
      ]);
    }
    case 'export': {
      const active = current();
      const bytes = await active.export();
      const { objective, data } = active.recipe;
      const name = data.source.replace(/^builtin:/, '').replace(/[^\w.-]+/g, '_');
      const file = `${name}-${objective.name}-${active.trainer.steps}.safetensors`;
      return post({ type: 'exported', request: command.request, file, bytes }, [bytes.buffer]);
    }
  }
}

self.onmessage = ({ data }: MessageEvent<Command>) => {
  const asked = run;
  obey(data).catch((error: unknown) => {
    const isOfRun = data.type !== 'open' && data.type !== 'prepare';
    const isObsolete = isOfRun && asked !== run;
    const request = 'request' in data ? { request: data.request } : {};
    post({
      type: 'error',
      ...faultOf(error),
      fatal: false,
      answers: data.type,
      ...request,
      isObsolete,
    });
  });
};
