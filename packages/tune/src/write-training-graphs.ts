/** A training graph as the two model files that the trainer opens, beside the weights that they name without a folder. */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emitOnnx } from "@lorekeep/autodiff";
import type { ExternalRange, Graph } from "@lorekeep/autodiff";
import type { ParameterSpec, TrainingGraphFiles } from "./train/training-task.ts";

export interface WriteGraphsRequest {
  readonly folder: string;
  readonly graph: Graph;
  readonly parameters: readonly ParameterSpec[];
  /** What the graph was made from: its hash tells the files of two graphs apart. */
  readonly options: unknown;
  readonly locate: (tensor: string) => ExternalRange;
}

export async function writeTrainingGraphs(request: WriteGraphsRequest): Promise<TrainingGraphFiles> {
  const { folder, graph, parameters, options, locate } = request;
  const key = createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 12);
  const write = async (name: string, outputs: readonly string[]): Promise<string> => {
    const path = join(folder, `${name}-${key}.onnx`);
    await writeFile(path, emitOnnx(graph, { name, outputs, locate }));
    return path;
  };
  const trainModel = await write("train", ["loss", ...parameters.map(({ name }) => `grad:${name}`)]);
  return { trainModel, evaluateModel: await write("evaluate", ["loss"]), parameters };
}
