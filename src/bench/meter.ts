// Counts what a step asks of WebGPU, whoever asks: by standing between the API and its callers.

export interface Counts {
  dispatches: number;
  submits: number;
  buffers: number;
}

const counts: Counts = { dispatches: 0, submits: 0, buffers: 0 };
let bytes = 0;

/** Begins to count; before any device is made. */
export function installMeter(): void {
  if (!('GPUDevice' in globalThis)) return;
  const { createBuffer } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (this: GPUDevice, descriptor) {
    counts.buffers++;
    bytes += descriptor.size;
    return createBuffer.call(this, descriptor);
  };
  const { destroy } = GPUBuffer.prototype;
  const destroyed = new WeakSet<GPUBuffer>();
  GPUBuffer.prototype.destroy = function (this: GPUBuffer) {
    if (!destroyed.has(this)) bytes -= this.size;
    destroyed.add(this);
    return destroy.call(this);
  };
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (this: GPUQueue, buffers) {
    counts.submits++;
    return submit.call(this, buffers);
  };
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (
    this: GPUComputePassEncoder,
    x,
    y,
    z,
  ) {
    counts.dispatches++;
    return dispatchWorkgroups.call(this, x, y, z);
  };
}

/** Counts since the last call, and bytes alive now. */
export function readMeter(): Counts & { deviceBytes: number } {
  const read = { ...counts, deviceBytes: bytes };
  Object.assign(counts, { dispatches: 0, submits: 0, buffers: 0 });
  return read;
}
