/**
 * A training graph on ONNX Runtime: feeds and parameters in, loss and gradients out. Parameters and gradients are each one
 * flat array; the runtime reads and writes per-parameter views of them in place. `run` blocks its thread, so sessions live
 * in the training worker. Frozen weights are an external-data file that the runtime maps: with prepacking off they are
 * never copied (small memory), with it on each matrix is kept packed for the forward and for the transposed product (fast).
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { AppError } from "@lorekeep/core";
import type { Feed, ParameterSpec } from "./training-task.ts";
import { flatLength, viewsOf } from "./flat-parameters.ts";

/**
 * fast: plain graph, prepacked weights. checkpointed: a graph with layer checkpoints, prepacked. small: checkpoints and no
 * prepacking. The graph file is made for the mode by whoever writes it; here the mode decides about prepacking.
 */
export type MemoryMode = "fast" | "checkpointed" | "small";

export interface StepSession {
  /** Writes the batch's gradients over `gradient` and returns its loss. Throws model_failed. */
  run(feeds: Readonly<Record<string, Feed>>, lossScale: number): Promise<number>;
  close(): Promise<void>;
}

export interface StepSessionOptions {
  readonly modelPath: string;
  readonly specs: readonly ParameterSpec[];
  /** Read by every run; flat, in the order of the specs. */
  readonly parameters: Float32Array;
  /** Written by every run; missing for a graph that has only the output "loss". */
  readonly gradient?: Float32Array;
  /** 0 = as many as there are cores. */
  readonly threads: number;
  readonly isPrepacked: boolean;
  /** Idle threads spin: 3–15 % faster alone on the machine, 1.6 times slower beside others. */
  readonly isSpinning?: boolean;
}

const ERRORS_ONLY = 3;

function sessionOptions(options: StepSessionOptions): InferenceSession.SessionOptions {
  return {
    ...(options.threads === 0 ? {} : { intraOpNumThreads: options.threads }),
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    enableMemPattern: false, // batches differ in shape: a plan per shape would only hold memory
    logSeverityLevel: ERRORS_ONLY,
    extra: {
      session: {
        ...(options.isSpinning === true ? {} : { intra_op: { allow_spinning: "0" }, dynamic_block_base: "4" }),
        ...(options.isPrepacked ? {} : { disable_prepacking: "1" }),
      },
    },
  };
}

function scalar(value: number): Tensor {
  return new Tensor("float32", new Float32Array([value]), []);
}

function tensorOf(feed: Feed): Tensor {
  return feed.data instanceof Float32Array
    ? new Tensor("float32", feed.data, feed.dims)
    : new Tensor("int64", feed.data, feed.dims);
}

function tensorViews(flat: Float32Array, specs: readonly ParameterSpec[], prefix: string): Record<string, Tensor> {
  if (flat.length !== flatLength(specs))
    throw new AppError("shape_mismatch", "The flat array does not fit the parameters.", {
      expected: flatLength(specs),
      given: flat.length,
    });
  const views = viewsOf(flat, specs);
  return Object.fromEntries(
    specs.map((spec) => [`${prefix}${spec.name}`, new Tensor("float32", views.get(spec.name)!, spec.shape)]),
  );
}

/** Throws model_failed when ONNX Runtime cannot load the graph, model_invalid when its inputs and outputs are not those of a training graph. */
export async function openStepSession(options: StepSessionOptions): Promise<StepSession> {
  const { specs, parameters, gradient } = options;
  const session = await InferenceSession.create(options.modelPath, sessionOptions(options)).catch((error: unknown) => {
    throw new AppError("model_failed", "The training graph cannot be loaded.", {}, { cause: error });
  });
  const outputs = ["loss", ...(gradient === undefined ? [] : specs.map((spec) => `grad:${spec.name}`))];
  const missing = outputs.filter((name) => !session.outputNames.includes(name));
  if (missing.length > 0) {
    await session.release();
    throw new AppError("model_invalid", `The training graph lacks the output ${missing[0]!}.`, { missing });
  }
  const has = new Set(session.inputNames);
  const weights = Object.fromEntries(
    Object.entries(tensorViews(parameters, specs, "")).filter(([name]) => has.has(name)),
  );
  const loss = new Float32Array(1);
  const fetches = {
    loss: new Tensor("float32", loss, []),
    ...(gradient === undefined ? {} : tensorViews(gradient, specs, "grad:")),
  };
  return {
    run: async (feeds, lossScale) => {
      const inputs: Record<string, Tensor> = { ...weights };
      for (const [name, feed] of Object.entries(feeds)) if (has.has(name)) inputs[name] = tensorOf(feed);
      if (has.has("loss_scale")) inputs["loss_scale"] = scalar(lossScale);
      if (has.has("zero")) inputs["zero"] = scalar(0);
      try {
        await session.run(inputs, fetches);
        return loss[0]!;
      } catch (error) {
        throw new AppError("model_failed", "The training graph failed on a batch.", {}, { cause: error });
      }
    },
    close: () => session.release(),
  };
}
