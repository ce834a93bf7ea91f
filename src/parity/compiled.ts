// The compiler as what computes a fixture's quantities: functions and steps both.
import { CompiledFunction } from '../compile/function';
import { UnsupportedError } from '../compile/unsupported';
import type { HostTensors } from '../objectives/objective';
import { compiledEngine } from '../train/compiledEngine';
import type { Means } from './parity';

const PARAMETER = 'parameter/';
const INPUT = 'input/';

const prefixed = <T>(prefix: string, record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));

const stripped = <T>(prefix: string, record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );

/** Compiled kernels on a device; nothing falls back. */
export const compiledMeans = (device: GPUDevice, software: boolean): Means => ({
  async compute(f, parameters, inputs) {
    const tensors: HostTensors = {
      ...prefixed(PARAMETER, parameters),
      ...prefixed(INPUT, inputs),
    };
    const compiled = await CompiledFunction.compile(
      device,
      (given) => f(stripped(PARAMETER, given), stripped(INPUT, given)),
      tensors,
      { software },
    );
    try {
      const values = Object.fromEntries(
        Object.entries(tensors).map(([name, { data }]) => [name, data]),
      );
      return (await compiled.run(values)) as Awaited<ReturnType<Means['compute']>>;
    } finally {
      compiled.dispose();
    }
  },
  makeEngine: compiledEngine(device, {
    software,
    notice: (message) => {
      throw new UnsupportedError(message);
    },
  }),
});
