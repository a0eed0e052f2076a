/**
 * The seam between what is trained and how it is trained. A task (decoder answers, encoder spans, preferences) turns
 * examples into feeds; the trainer knows nothing but feeds, losses and gradients. The graph comes as files, so that the
 * frozen weights are mapped by ONNX Runtime and never copied through JavaScript.
 *
 * Tasks run in the training worker. Functions do not cross threads, so the worker finds its task by module and export name.
 */

/** A tensor on its way into a step; data is flat, row-major. */
export interface Feed {
  readonly type: "float32" | "int64";
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a training graph is, as files: the frozen weights lie in an external-data file beside the model, which ONNX Runtime maps. */
export interface TrainingGraphFiles {
  /**
   * Path of the .onnx whose inputs are the task's feeds, "loss_scale" (float32 scalar), "zero" where checkpoints need it,
   * and one input per parameter, named as the parameter. Outputs: "loss" (scalar: loss summed over terms × loss_scale)
   * and "grad:NAME" per parameter, of the parameter's shape.
   */
  readonly trainModel: string;
  /** Path of the .onnx with the same inputs and the only output "loss". */
  readonly evaluateModel: string;
  readonly parameters: readonly ParameterSpec[];
}

/** The feeds of one batch, padded to its longest example. */
export interface BatchFeeds {
  readonly feeds: Record<string, Feed>;
  /** Loss terms in the batch: answer tokens, or sequences. The loss is divided by their number over the whole group. */
  readonly terms: number;
  /** Tokens in the batch without padding, for the speed that is shown. */
  readonly tokens: number;
}

/** One kind of training: how examples become feeds. E is structured-cloneable. */
export interface TrainingTask<E> {
  readonly kind: string;
  /** Tokens by which an example's cost is judged (length buckets). */
  lengthOf(example: E): number;
  /** Without "loss_scale" and "zero": the trainer feeds those itself. */
  feedsOf(batch: readonly E[]): BatchFeeds;
  /** First values of each parameter; `random` is uniform in [0, 1). */
  initial(spec: ParameterSpec, random: () => number): Float32Array;
}
