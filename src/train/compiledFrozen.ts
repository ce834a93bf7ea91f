// Compiled functions of parameters that were copied to the device once: features of many batches from one frozen encoder, and
// pictures of a model that has not trained yet.
import { layOut, regionsIn, stage } from '../compile/function';
import type { CompileOptions } from '../compile/prepare';
import type { HostTensors } from '../objectives/objective';
import type { Values } from '../tensor/memory';
import { CompiledFunctions } from './compiledFunctions';
import { type Evaluated, type Frozen, freezeEagerly } from './engine';

/** Parameters on the device, and functions of them. */
export class FrozenParameters {
  private readonly buffer: GPUBuffer;
  readonly functions: CompiledFunctions;

  /** @param refused hears once of each function that cannot be compiled */
  constructor(
    device: GPUDevice,
    options: CompileOptions,
    parameters: HostTensors,
    refused: (reason: string) => void,
  ) {
    const { places, bytes } = layOut(parameters);
    this.buffer = device.createBuffer({
      label: 'frozen parameters',
      size: bytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    });
    const area = new ArrayBuffer(bytes);
    for (const [name, place] of places) stage(area, place, parameters[name]!.data);
    device.queue.writeBuffer(this.buffer, 0, area);
    const resident = { signature: parameters, regions: regionsIn(this.buffer, places) };
    this.functions = new CompiledFunctions(device, options, resident, refused);
  }

  get deviceBytes(): number {
    return this.buffer.size + this.functions.deviceBytes;
  }

  dispose(): void {
    this.functions.dispose();
    this.buffer.destroy();
  }
}

export class CompiledFrozen implements Frozen {
  private readonly frozen: FrozenParameters;
  /** Stands in where the compiler does not know an operation. */
  private eager: Frozen | undefined;

  /** @param refused hears why the function runs operation by operation instead */
  constructor(
    device: GPUDevice,
    options: CompileOptions,
    private readonly f: Evaluated,
    private readonly parameters: HostTensors,
    refused: (reason: string) => void,
  ) {
    this.frozen = new FrozenParameters(device, options, parameters, refused);
  }

  async call(inputs: HostTensors): Promise<Record<string, Values>> {
    if (!this.eager) {
      const compiled = await this.frozen.functions.get('frozen', this.f, inputs);
      if (compiled) return compiled(inputs);
      this.eager ??= freezeEagerly(this.f, this.parameters);
    }
    return this.eager.call(inputs);
  }

  dispose(): void {
    this.frozen.dispose();
    this.eager?.dispose();
  }
}
