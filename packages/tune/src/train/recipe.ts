/** What decides a training run besides its data: everything here goes into the run's fingerprint. Steps count from 0. */
export interface Recipe {
  /** The highest learning rate, reached after the warm-up. */
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly epochs: number;
  /** Ends the run early; the schedule ends there too. */
  readonly maxSteps?: number;
  /** Upper bound of a batch: examples × tokens of its longest. A longer example stands alone. */
  readonly batchTokens: number;
  /** Batches whose gradients are summed into one step; 1 when missing. */
  readonly accumulate?: number;
  readonly weightDecay: number;
  /** Longest gradient (L2, over all parameters); 0 = no clipping. */
  readonly clipNorm: number;
  readonly seed: number;
  readonly schedule: "cosine" | "linear" | "constant";
  /** The schedule's end as a share of learningRate; 0 when missing. */
  readonly finalShare?: number;
  /** Besides the end of each epoch; 0 = only there. */
  readonly validateEverySteps: number;
  /** Validations without a new best after which the run stops; 0 = never. */
  readonly patience: number;
  /** Adam's memory of the gradient and of its square; [0.9, 0.999] when missing. */
  readonly betas?: readonly [number, number];
}
