// Functions that are asked for again and again (reconstructions, features), compiled once for each set of input shapes.
import { CompiledFunction, type Resident } from '../compile/function';
import type { CompileOptions } from '../compile/prepare';
import type { Signature } from '../compile/trace';
import { UnsupportedError } from '../compile/unsupported';
import type { HostTensors } from '../objectives/objective';
import { withoutPrefix, withPrefix } from '../records';
import type { Values } from '../tensor/memory';
import type { Evaluated } from './engine';

/** Kept at most; what was not used for longest goes first. */
const MOST = 6;

const signatureOf = (tensors: HostTensors): Record<string, Signature> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]),
  );

export const dataOf = (tensors: HostTensors): Record<string, Values> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));

const INPUT = 'input/';
const PARAMETER = 'parameter/';

/** Functions of parameters that lie on the device, and of inputs. */
export class CompiledFunctions {
  /** By key and shapes; undefined for what cannot be compiled. In order of use. */
  private readonly known = new Map<string, Promise<CompiledFunction | undefined>>();
  private readonly alive = new Set<CompiledFunction>();
  private disposed = false;

  /** @param refused hears once of each function that cannot be compiled */
  constructor(
    private readonly device: GPUDevice,
    private readonly options: CompileOptions,
    private readonly resident: Resident,
    private readonly refused: (reason: string) => void,
  ) {}

  /** The function under a key for inputs like these; undefined where it cannot be compiled. */
  get(
    key: string,
    f: Evaluated,
    inputs: HostTensors,
  ): Promise<((inputs: HostTensors) => Promise<Record<string, Values>>) | undefined> {
    const signature = signatureOf(inputs);
    const name = `${key} ${JSON.stringify(signature)}`;
    const made = this.known.get(name) ?? this.compile(f, signature);
    // What failed for another reason than an unknown operation is tried anew when it is asked for again.
    made.catch(() => this.known.get(name) === made && this.known.delete(name));
    this.known.delete(name);
    this.known.set(name, made);
    for (const oldest of [...this.known.keys()].slice(0, -MOST)) this.forget(oldest);
    return made.then(
      (compiled) =>
        compiled &&
        ((given) =>
          compiled.run(withPrefix(INPUT, dataOf(given))) as Promise<Record<string, Values>>),
    );
  }

  private async compile(
    f: Evaluated,
    inputs: Record<string, Signature>,
  ): Promise<CompiledFunction | undefined> {
    const { signature, regions } = this.resident;
    try {
      const compiled = await CompiledFunction.compile(
        this.device,
        (tensors) => f(withoutPrefix(PARAMETER, tensors), withoutPrefix(INPUT, tensors)),
        withPrefix(INPUT, inputs),
        this.options,
        { signature: withPrefix(PARAMETER, signature), regions: withPrefix(PARAMETER, regions) },
      );
      if (this.disposed) {
        compiled.dispose();
        throw new Error('the engine was disposed while it was compiling');
      }
      this.alive.add(compiled);
      return compiled;
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
      this.refused(error.message);
      return undefined;
    }
  }

  private forget(name: string): void {
    const made = this.known.get(name);
    this.known.delete(name);
    made
      ?.then((compiled) => {
        if (!compiled) return;
        this.alive.delete(compiled);
        compiled.dispose();
      })
      .catch(() => {
        // Told to whom asked for it.
      });
  }

  get deviceBytes(): number {
    return [...this.alive].reduce((sum, { deviceBytes }) => sum + deviceBytes, 0);
  }

  dispose(): void {
    this.disposed = true;
    for (const compiled of this.alive) compiled.dispose();
  }
}
