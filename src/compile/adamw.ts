// AdamW (Loshchilov & Hutter 2019) over all parameters at once, in place: two dispatches, whatever the number of tensors.
// The first adds up squares for the norm of the gradient; the second clips, updates moments and parameters, and writes the norm.

/** What does not change between steps. */
export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradient norm above which the gradient is scaled down; 0 is off. */
  readonly clipNorm: number;
}

/** Partial sums of squares. */
export const PARTIAL_SUMS = 64;
const WORKGROUP = 64;

/** Numbers that change from step to step, as they lie in memory. */
export const STEP_SETTINGS = 4;

/** Settings of step `step` (from 1): learning rate over the first moment's correction, decay, and the second's correction. */
export function stepSettings(
  settings: AdamWSettings,
  step: number,
  learningRate: number,
): readonly number[] {
  const { beta1, beta2, weightDecay } = settings;
  return [
    learningRate / (1 - beta1 ** step),
    1 - learningRate * weightDecay,
    1 / Math.sqrt(1 - beta2 ** step),
    0,
  ];
}

/**
 * Sums of squares: buffers gradient (read), partial sums (write).
 *
 * @param size numbers of the gradient, a multiple of 64; padding is 0
 */
export function squaresShader(size: number): string {
  return `@group(0) @binding(0) var<storage, read> gradient: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> partial: array<f32>;
var<workgroup> sums: array<f32, ${WORKGROUP}>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  var sum = vec4<f32>(0.0);
  for (var i = workgroup.x * ${WORKGROUP}u + local; i < ${size / 4}u; i += ${PARTIAL_SUMS * WORKGROUP}u) {
    let g = gradient[i];
    sum += g * g;
  }
  sums[local] = sum.x + sum.y + sum.z + sum.w;
  workgroupBarrier();
  if (local == 0u) {
    var total = 0.0;
    for (var i = 0u; i < ${WORKGROUP}u; i++) { total += sums[i]; }
    partial[workgroup.x] = total;
  }
}
`;
}

/**
 * The update: buffers gradient, step settings, partial sums (read), parameters, moments (write), norm (write).
 * Behind the trained numbers lie buffers whose new values stand in place of a gradient.
 *
 * @param trained numbers that are trained, a multiple of 64
 * @param total numbers in all, a multiple of 64
 */
export function updateShader(settings: AdamWSettings, trained: number, total: number): string {
  const { beta1, beta2, epsilon, clipNorm } = settings;
  const f = (value: number) => `${Math.fround(value)}f`;
  const scale = clipNorm > 0 ? `1.0 / max(1.0, norm / ${f(clipNorm)})` : '1.0';
  return `@group(0) @binding(0) var<storage, read> gradient: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> settings: array<f32>;
@group(0) @binding(2) var<storage, read> partial: array<f32>;
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> first: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> second: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>) {
  let i = id.x + id.y * workgroups.x * ${WORKGROUP}u;
  if (i >= ${total / 4}u) { return; }
  var squares = 0.0;
  for (var j = 0u; j < ${PARTIAL_SUMS}u; j++) { squares += partial[j]; }
  let norm = sqrt(squares);
  if (i == 0u) { result[0] = norm; }
  if (i >= ${trained / 4}u) {
    parameters[i] = gradient[i];
    return;
  }
  let g = gradient[i] * (${scale});
  let m = first[i] * ${f(beta1)} + g * ${f(1 - beta1)};
  let v = second[i] * ${f(beta2)} + (g * g) * ${f(1 - beta2)};
  first[i] = m;
  second[i] = v;
  let denominator = sqrt(v) * settings[2] + ${f(epsilon)};
  parameters[i] = parameters[i] * settings[1] - (m / denominator) * settings[0];
}
`;
}
