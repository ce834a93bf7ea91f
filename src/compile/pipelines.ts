// Compute pipelines by the text of their shader: each compiled once a device, all at the same time.
import type { BufferSlot } from './program';
import { UnsupportedError } from './unsupported';

interface Cache {
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  readonly layouts: Map<string, GPUBindGroupLayout>;
}

const caches = new WeakMap<GPUDevice, Cache>();

function cacheOf(device: GPUDevice): Cache {
  let cache = caches.get(device);
  if (!cache) {
    cache = { pipelines: new Map(), layouts: new Map() };
    caches.set(device, cache);
  }
  return cache;
}

/** The layout of buffers bound in order to group 0. */
export function bindGroupLayout(
  device: GPUDevice,
  buffers: readonly Pick<BufferSlot, 'access'>[],
): GPUBindGroupLayout {
  const { layouts } = cacheOf(device);
  const key = buffers.map((b) => b.access).join();
  let layout = layouts.get(key);
  if (!layout) {
    layout = device.createBindGroupLayout({
      entries: buffers.map(({ access }, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
      })),
    });
    layouts.set(key, layout);
  }
  return layout;
}

/**
 * The pipeline of a shader with entry point `main`; compiled in the background, and once. Rejects with an UnsupportedError
 * where the device refuses it.
 */
export function pipelineOf(
  device: GPUDevice,
  code: string,
  buffers: readonly Pick<BufferSlot, 'access'>[],
): Promise<GPUComputePipeline> {
  const { pipelines } = cacheOf(device);
  let pipeline = pipelines.get(code);
  if (!pipeline) {
    const module = device.createShaderModule({ code });
    pipeline = device
      .createComputePipelineAsync({
        layout: device.createPipelineLayout({
          bindGroupLayouts: [bindGroupLayout(device, buffers)],
        }),
        compute: { module, entryPoint: 'main' },
      })
      .catch(async (error: Error) => {
        const { messages } = await module.getCompilationInfo();
        const [fault] = messages.filter(({ type }) => type === 'error');
        throw new UnsupportedError(
          `the device refuses a kernel: ${fault ? fault.message : error.message}`,
        );
      });
    pipelines.set(code, pipeline);
  }
  return pipeline;
}
