// What is sure of an adapter's subgroups: WGSL leaves open how the invocations of a workgroup are dealt out to them, so it is
// looked at.

const WORKGROUP = 256;

const shader = `enable subgroups;
@group(0) @binding(0) var<storage, read_write> places: array<u32>;
@compute @workgroup_size(${WORKGROUP})
fn main(
  @builtin(local_invocation_index) invocation: u32,
  @builtin(subgroup_invocation_id) place: u32,
  @builtin(subgroup_size) size: u32,
) {
  places[invocation] = place;
  places[${WORKGROUP}u + invocation] = size;
}
`;

/** What was found of a device: it stays so. */
const known = new WeakMap<GPUDevice, Promise<number>>();

/**
 * How many neighbouring invocations, starting from a multiple of that number, lie in one subgroup in every kernel, in order: a
 * power of two; 0 where the device has no subgroups or deals them out otherwise.
 */
export function neighboursInSubgroup(device: GPUDevice): Promise<number> {
  const found = known.get(device) ?? look(device);
  known.set(device, found);
  // What failed is tried anew.
  found.catch(() => known.delete(device));
  return found;
}

async function look(device: GPUDevice): Promise<number> {
  const { subgroupMinSize } = device.adapterInfo;
  if (!device.features.has('subgroups') || subgroupMinSize === undefined) return 0;
  const bytes = 2 * WORKGROUP * Uint32Array.BYTES_PER_ELEMENT;
  const places = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const readback = device.createBuffer({
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: shader }), entryPoint: 'main' },
    });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [{ binding: 0, resource: { buffer: places } }],
      }),
    );
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(places, 0, readback, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await readback.mapAsync(GPUMapMode.READ);
    const found = new Uint32Array(readback.getMappedRange());
    return inOrder(found.subarray(0, WORKGROUP), found.subarray(WORKGROUP)) ? subgroupMinSize : 0;
  } finally {
    places.destroy();
    readback.destroy();
  }
}

/**
 * @param places of the invocations in their subgroups, by the number of the invocation
 * @param sizes of their subgroups
 */
export const inOrder = (places: Uint32Array, sizes: Uint32Array): boolean =>
  places.every((place, invocation) => place === invocation % sizes[invocation]!);
