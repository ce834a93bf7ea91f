// The page's end of the training worker: commands out, events in, answers as promises; the only way from the page to the engine.
import type { Dataset } from '../data/dataset';
import type { BackendChoice, Recipe } from '../train/recipe';
import type {
  Command,
  Device,
  EvaluationOptions,
  Event,
  KeptPlace,
  ProbeRequest,
  ProbeResult,
  StepPlan,
  Walk,
} from './protocol';

export type Prepared = Extract<Event, { type: 'prepared' }>;
export type Evaluated = Extract<Event, { type: 'evaluated' }>;
type Featured = Extract<Event, { type: 'features' }>;
export type Exported = Extract<Event, { type: 'exported' }>;
/** How a run starts: where it is kept and whether it goes on there, or with which weights. */
export type PrepareOptions = Pick<Extract<Command, { type: 'prepare' }>, 'keep' | 'weights'>;
type Fault = Extract<Event, { type: 'error' }>;

/** The part of `Worker` that a session uses; tests put a message-level double in its place. */
export type Port = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onmessageerror'> & {
  onerror: ((event: ErrorEvent) => unknown) | null;
};

/** A fault the engine reports, in words for the user: what happened and what to do. */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    message: string,
    readonly remedy: string,
    readonly fatal: boolean,
    /** Of a run that was closed meanwhile: nobody need hear of it. */
    readonly isObsolete = false,
  ) {
    super(message);
  }
}

interface Waiting {
  command: Command['type'];
  answer:
    | 'device'
    | 'prepared'
    | 'probed'
    | 'evaluated'
    | 'snapshot'
    | 'examples'
    | 'features'
    | 'walked'
    | 'planned'
    | 'exported';
  request?: number;
  resolve: (event: never) => void;
  reject: (error: EngineError) => void;
}

function spawnWorker(): Port {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}

/**
 * A conversation with a training worker. The worker is started by `open`; after a `fatal` error it is
 * ended, everything that waits is rejected, and the next `open` starts a fresh one.
 */
export class Session {
  #port: Port | undefined;
  #waiting: Waiting[] = [];
  #requests = 0;

  /**
   * @param listener hears every event, in order, before the promise that it answers settles
   * @param spawn starts a worker
   */
  constructor(
    private readonly listener: (event: Event) => void,
    private readonly spawn: () => Port = spawnWorker,
  ) {}

  /** True from `open` until `close` or a fatal error. */
  get alive(): boolean {
    return this.#port !== undefined;
  }

  /** Chooses what to compute on, starting the worker where there is none. Rejects with an EngineError. */
  open(backend: BackendChoice): Promise<Device> {
    this.#port ??= this.#start();
    return this.#ask<Extract<Event, { type: 'device' }>>('device', { type: 'open', backend }).then(
      (event) => event.device,
    );
  }

  /** Hands over a data set and a recipe; the model is made and ready to run. Rejects with an EngineError. */
  prepare(recipe: Recipe, dataset: Dataset, options: PrepareOptions = {}): Promise<Prepared> {
    return this.#ask('prepared', { type: 'prepare', recipe, dataset, ...options });
  }

  /** The weights now, as a safetensors file. Rejects with an EngineError. */
  export(): Promise<Exported> {
    const request = ++this.#requests;
    return this.#ask('exported', { type: 'export', request }, request);
  }

  /** Features of all examples, and where asked for a linear probe on top of them. Rejects with an EngineError. */
  features(probed: boolean): Promise<Featured> {
    const request = ++this.#requests;
    return this.#ask('features', { type: 'features', request, probed }, request);
  }

  /**
   * Evaluates the encoder as it is now. Rejects with an EngineError.
   *
   * @param options the recipe's label and everything there is to know, unless told otherwise
   */
  evaluate(options?: EvaluationOptions): Promise<Evaluated> {
    const request = ++this.#requests;
    return this.#ask('evaluated', { type: 'evaluate', request, options }, request);
  }

  /**
   * Looks at one example under a mask drawn by hand. Rejects with an EngineError.
   *
   * @param kept with the model as a run was kept, rather than as it is now
   */
  probe(query: ProbeRequest, kept?: KeptPlace): Promise<ProbeResult> {
    const request = ++this.#requests;
    return this.#ask<Extract<Event, { type: 'probed' }>>(
      'probed',
      { type: 'probe', request, query, ...(kept && { kept }) },
      request,
    ).then(({ answer }) => answer);
  }

  /** What the next step would do, without taking it. Rejects with an EngineError. */
  walk(): Promise<Walk> {
    const request = ++this.#requests;
    return this.#ask<Extract<Event, { type: 'walked' }>>(
      'walked',
      { type: 'walk', request },
      request,
    ).then(({ walk }) => walk);
  }

  /** The kernels of the compiled step; nothing before the first step or where it is not compiled. Rejects with an EngineError. */
  plan(): Promise<StepPlan | undefined> {
    const request = ++this.#requests;
    return this.#ask<Extract<Event, { type: 'planned' }>>(
      'planned',
      { type: 'plan', request },
      request,
    ).then(({ plan }) => plan);
  }

  /** Features of `most` held-out examples by the encoder as it is now. Rejects with an EngineError. */
  snapshot(most: number): Promise<Extract<Event, { type: 'snapshot' }>> {
    const request = ++this.#requests;
    return this.#ask('snapshot', { type: 'snapshot', request, most }, request);
  }

  /** Model input of examples of the data set, in the order asked for. Rejects with an EngineError. */
  examples(indices: number[]): Promise<(Float32Array | Int32Array)[]> {
    const request = ++this.#requests;
    return this.#ask<Extract<Event, { type: 'examples' }>>(
      'examples',
      { type: 'examples', request, indices },
      request,
    ).then(({ values }) => values);
  }

  /** Trains to the end, or pauses after step `until`. */
  run(until?: number): void {
    this.#send(until === undefined ? { type: 'run' } : { type: 'run', until });
  }

  /** Saves the run soon, where it is not saved already. */
  save(): void {
    this.#send({ type: 'save' });
  }

  pause(): void {
    this.#send({ type: 'pause' });
  }

  /** One optimiser step, then pause. */
  step(): void {
    this.#send({ type: 'step' });
  }

  stop(): void {
    this.#send({ type: 'stop' });
  }

  /** Asks for reconstructions of these examples, or of the default ones; they come as an event. */
  reconstruct(indices?: number[]): void {
    this.#send({ type: 'reconstruct', indices });
  }

  /** Ends the worker at once; what waits is rejected. */
  close(): void {
    this.#end(new EngineError('The engine was closed', 'Start it again.', true));
  }

  #start(): Port {
    const port = this.spawn();
    port.onmessage = ({ data }: MessageEvent<Event>) => {
      if (port === this.#port) this.#hear(data);
    };
    // A worker that fails to load, or throws where nothing catches, says so here and nowhere else.
    port.onerror = (event) => {
      if (port !== this.#port) return;
      const reason = event.message || 'its program could not be loaded';
      this.#hear(fatal(`The training engine stopped: ${reason}`));
    };
    port.onmessageerror = () => {
      if (port === this.#port) this.#hear(fatal('The training engine sent what cannot be read'));
    };
    return port;
  }

  #send(command: Command): void {
    if (!this.#port)
      throw new EngineError('The engine is not running', 'Start the run again.', true);
    this.#port.postMessage(command);
  }

  #ask<T extends Event>(answer: Waiting['answer'], command: Command, request?: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#send(command);
      this.#waiting.push({ command: command.type, answer, request, resolve, reject });
    });
  }

  #hear(event: Event): void {
    this.listener(event);
    if (event.type === 'error') {
      const error = new EngineError(event.message, event.remedy, event.fatal, event.isObsolete);
      if (event.fatal) this.#end(error);
      // Commands without a number are obeyed in order, so that the fault belongs to the oldest that waits.
      else
        this.#take(
          ({ command, request }) => command === event.answers && request === event.request,
        )?.reject(error);
      return;
    }
    this.#take(
      ({ answer, request }) =>
        answer === event.type && (!('request' in event) || request === event.request),
    )?.resolve(event as never);
  }

  /** Removes the oldest that waits and matches. */
  #take(matches: (waiting: Waiting) => boolean): Waiting | undefined {
    const index = this.#waiting.findIndex(matches);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }

  #end(error: EngineError): void {
    this.#port?.terminate();
    this.#port = undefined;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}

function fatal(message: string): Fault {
  return {
    type: 'error',
    message,
    remedy: 'Start the run again; if it happens twice, choose another backend.',
    fatal: true,
  };
}
