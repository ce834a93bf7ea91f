// How long each kernel of an executable takes on its device, by the device's own clock.
import type { Executable } from './executable';

/** Queries of a set, at most (WebGPU's limit). */
const MOST_QUERIES = 4096;
const BYTES = 8;

/**
 * Milliseconds of each kernel; undefined where the device has no timestamps. The kernels run on what lies in their buffers, and
 * write what they would write in a run.
 *
 * @param repetitions runs of each kernel in a row, since browsers blur their clocks
 */
export async function kernelTimes(
  device: GPUDevice,
  { dispatches }: Executable,
  repetitions: number,
): Promise<number[] | undefined> {
  if (!device.features.has('timestamp-query')) return undefined;
  const times: number[] = [];
  for (let start = 0; start < dispatches.length; start += MOST_QUERIES / 2) {
    const part = dispatches.slice(start, start + MOST_QUERIES / 2);
    const count = 2 * part.length;
    const querySet = device.createQuerySet({ type: 'timestamp', count });
    const resolved = device.createBuffer({
      size: count * BYTES,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const readback = device.createBuffer({
      size: count * BYTES,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = device.createCommandEncoder();
      part.forEach(({ pipeline, bindGroup, groups }, i) => {
        const pass = encoder.beginComputePass({
          timestampWrites: {
            querySet,
            beginningOfPassWriteIndex: 2 * i,
            endOfPassWriteIndex: 2 * i + 1,
          },
        });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        for (let n = 0; n < repetitions; n++) pass.dispatchWorkgroups(groups[0], groups[1]);
        pass.end();
      });
      encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, readback, 0, count * BYTES);
      device.queue.submit([encoder.finish()]);
      await readback.mapAsync(GPUMapMode.READ);
      const nanoseconds = new BigUint64Array(readback.getMappedRange());
      part.forEach((_, i) => {
        times.push(Number(nanoseconds[2 * i + 1]! - nanoseconds[2 * i]!) / 1e6 / repetitions);
      });
    } finally {
      querySet.destroy();
      resolved.destroy();
      readback.destroy();
    }
  }
  return times;
}
