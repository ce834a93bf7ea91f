// Chooses and opens what tensors are computed on: WebGPU where there is a real GPU, else wasm; or what the user asks for.
import '@tensorflow/tfjs-backend-cpu';
import { getThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { installWasmKernels } from './wasmKernels';

export type BackendName = 'webgpu' | 'wasm' | 'cpu';

/** What was opened, in words for the user. */
export interface Device {
  backend: BackendName;
  /** Adapter name and architecture, or the kind of wasm build. */
  adapter: string;
  /** True for a WebGPU adapter that computes on the CPU, such as SwiftShader. */
  software: boolean;
  threads: number;
  /** What it means for speed, one sentence. */
  note: string;
}

/** The backend that was asked for cannot be had. */
class BackendError extends Error {
  override readonly name = 'BackendError';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** Heard when the device fails after it was opened. */
export interface DeviceListener {
  lost(reason: string): void;
  /** A validation or memory error that no call reported: results since the last good read cannot be trusted. */
  error(message: string): void;
}

/** Why a backend did not start. tfjs keeps that to itself and warns on the console. */
const failures = new Map<BackendName, unknown>();

/** Registers how a backend is made, in place of what was registered, such that failures are kept. */
function register(name: BackendName, make: () => Promise<tf.KernelBackend> | tf.KernelBackend) {
  tf.removeBackend(name);
  tf.registerBackend(name, async () => {
    try {
      return await make();
    } catch (error) {
      failures.set(name, error);
      throw error;
    }
  });
}

register('wasm', tf.findBackendFactory('wasm'));

const SOFTWARE_ADAPTER = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i;

/** Adapter features that speed or timing may use; asked for where the adapter has them. */
const WANTED_FEATURES = ['shader-f16', 'subgroups', 'timestamp-query'] as const;

async function findAdapter(): Promise<GPUAdapter | undefined> {
  if (!('gpu' in navigator)) return undefined;
  return (await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })) ?? undefined;
}

function isSoftware({ info }: GPUAdapter): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || SOFTWARE_ADAPTER.test(text);
}

/** Vendor, architecture and description, as far as the browser tells. */
function adapterName({ info }: GPUAdapter): string {
  const parts = [info.vendor, info.architecture, info.device, info.description];
  const known = [...new Set(parts.filter((part) => part !== ''))];
  return known.length > 0 ? known.join(' ') : 'unnamed adapter';
}

/** Every limit at the adapter's own maximum: the defaults stop models that the hardware can hold. */
function adapterLimits(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  return limits;
}

async function openWebGPU(adapter: GPUAdapter, listener: DeviceListener): Promise<Device> {
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: adapterLimits(adapter),
  });
  device.lost.then(({ reason, message }) => {
    // 'destroyed' is our own doing.
    if (reason !== 'destroyed') listener.lost(message || String(reason));
  });
  device.addEventListener('uncapturederror', (event) => listener.error(event.error.message));
  register('webgpu', () => new WebGPUBackend(device, adapter.info));
  // Small tensors must not quietly be computed on the CPU.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  await use('webgpu');
  const software = isSoftware(adapter);
  return {
    backend: 'webgpu',
    adapter: adapterName(adapter),
    software,
    threads: 0,
    note: software
      ? 'This WebGPU adapter is a program, not a GPU: results are right, but about 30 times slower than wasm.'
      : 'Training runs on your GPU.',
  };
}

async function openWasm(): Promise<Device> {
  setWasmPaths({
    'tfjs-backend-wasm.wasm': plainWasm,
    'tfjs-backend-wasm-simd.wasm': simdWasm,
    'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
  });
  installWasmKernels();
  await use('wasm');
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const threaded = simd && (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
  const threads = threaded ? getThreadsCount() : 1;
  const build = simd ? (threaded ? `SIMD, ${threads} threads` : 'SIMD, one thread') : 'plain';
  return {
    backend: 'wasm',
    adapter: `WebAssembly (${build})`,
    software: false,
    threads,
    note: 'Training runs on your processor: fine for small models, slow for large ones.',
  };
}

async function openCpu(): Promise<Device> {
  await use('cpu');
  return {
    backend: 'cpu',
    adapter: 'JavaScript',
    software: false,
    threads: 1,
    note: 'Training runs in plain JavaScript, several times slower than wasm.',
  };
}

async function use(name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) {
    const reason = failures.get(name);
    const { message = String(reason) } = reason as Partial<Error>;
    throw new BackendError(
      `the ${name} backend did not start (${message})`,
      'Choose another backend, or reload the page.',
    );
  }
  await tf.ready();
}

/**
 * Opens the backend of this thread. `auto`: WebGPU on a hardware adapter, else wasm.
 *
 * @throws BackendError where the one asked for cannot be had
 */
export async function openBackend(
  choice: BackendName | 'auto',
  listener: DeviceListener,
): Promise<Device> {
  switch (choice) {
    case 'wasm':
      return openWasm();
    case 'cpu':
      return openCpu();
    case 'webgpu': {
      const adapter = await findAdapter();
      if (!adapter) {
        throw new BackendError(
          'this browser offers no WebGPU adapter',
          'Choose wasm, or use a browser with WebGPU on a machine with a GPU.',
        );
      }
      return openWebGPU(adapter, listener);
    }
    case 'auto': {
      const adapter = await findAdapter();
      return adapter && !isSoftware(adapter) ? openWebGPU(adapter, listener) : openWasm();
    }
  }
}

/** The WebGPU device in use, for engines that write their own commands. */
export function webgpuDevice(): GPUDevice | undefined {
  const backend = tf.getBackend() === 'webgpu' ? tf.backend() : undefined;
  return backend instanceof WebGPUBackend ? backend.device : undefined;
}
