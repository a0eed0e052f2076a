/**
 * AdamW on one flat array over all parameters, in place: Loshchilov & Hutter 2019, "Decoupled Weight Decay
 * Regularization", Algorithm 2 (with the learning rate as the schedule's multiplier of both the step and the decay, as in PyTorch).
 * In JavaScript and not as a graph: 11 ms for 2.4 million parameters, against 30 ms for the same in ONNX Runtime.
 * Letters of the paper: g gradient, m and v the running means of g and g², t the count of updates.
 */

export interface AdamState {
  /** Flat, as the parameters. */
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Updates made so far. */
  t: number;
}

export interface AdamStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly betas?: readonly [number, number] | undefined;
}

const DEFAULT_BETAS = [0.9, 0.999] as const;
const EPSILON = 1e-8;
/** Keeps the clipping factor finite and below 1; PyTorch's value. */
const CLIP_EPSILON = 1e-6;

export function startAdam(length: number): AdamState {
  return { m: new Float32Array(length), v: new Float32Array(length), t: 0 };
}

/** One update. parameters, gradient, m, v: [length], flat; parameters, m, v and t change. */
export function updateAdamW(
  parameters: Float32Array,
  gradient: Float32Array,
  state: AdamState,
  { learningRate, weightDecay, betas: [beta1, beta2] = DEFAULT_BETAS }: AdamStep,
): void {
  const { m, v } = state;
  state.t += 1;
  const stepSize = learningRate / (1 - beta1 ** state.t);
  const scaleV = 1 / Math.sqrt(1 - beta2 ** state.t);
  const keep = 1 - learningRate * weightDecay;
  for (let i = 0; i < parameters.length; i += 1) {
    const g = gradient[i]!;
    const mi = beta1 * m[i]! + (1 - beta1) * g;
    const vi = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = mi;
    v[i] = vi;
    parameters[i] = parameters[i]! * keep - (stepSize * mi) / (Math.sqrt(vi) * scaleV + EPSILON);
  }
}

/** L2 length over all parameters; not finite when any entry is not. */
export function gradientNorm(gradient: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i += 1) sum += gradient[i]! * gradient[i]!;
  return Math.sqrt(sum);
}

/** Shortens the gradient in place to `clipNorm` (Pascanu et al. 2013); 0 leaves it as it is. */
export function clipGradient(gradient: Float32Array, norm: number, clipNorm: number): void {
  if (clipNorm === 0 || norm <= clipNorm) return;
  const factor = clipNorm / (norm + CLIP_EPSILON);
  for (let i = 0; i < gradient.length; i += 1) gradient[i] = gradient[i]! * factor;
}
