/** The encoder's weights and the reader's graphs as files that the trainer opens. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emitOnnx } from "@lorekeep/autodiff";
import type { ExternalRange } from "@lorekeep/autodiff";
import { writeAtomically } from "../atomic-file.ts";
import type { TrainingGraphFiles } from "../train/training-task.ts";
import { readerParameters, readerTrainingGraph } from "./encoder-graph.ts";
import type { EncoderOptions } from "./encoder-graph.ts";

const ALIGNMENT_BYTES = 4096;
const WEIGHTS = "encoder.f32";

/** Writes weights (once a folder) and graphs; `tensors` are the encoder's, by the names of the graph. Throws disk errors. */
export async function prepareReader(
  folder: string,
  tensors: ReadonlyMap<string, Float32Array>,
  options: EncoderOptions,
): Promise<TrainingGraphFiles> {
  await mkdir(folder, { recursive: true });
  const places = new Map<string, ExternalRange>();
  let at = 0;
  for (const [name, values] of tensors) {
    places.set(name, { file: WEIGHTS, offset: at, bytes: values.byteLength });
    at = Math.ceil((at + values.byteLength) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }
  await writeAtomically(join(folder, WEIGHTS), async (file) => {
    for (const [name, values] of tensors)
      await file.write(
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        0,
        values.byteLength,
        places.get(name)!.offset,
      );
  });
  const graph = readerTrainingGraph(options);
  const locate = (name: string): ExternalRange => places.get(name)!;
  const key = createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 8);
  const trainModel = join(folder, `train-${key}.onnx`);
  const evaluateModel = join(folder, `evaluate-${key}.onnx`);
  await writeFile(trainModel, emitOnnx(graph, { name: "reader", locate }));
  await writeFile(evaluateModel, emitOnnx(graph, { name: "reader", outputs: ["loss"], locate }));
  return { trainModel, evaluateModel, parameters: readerParameters(options) };
}
