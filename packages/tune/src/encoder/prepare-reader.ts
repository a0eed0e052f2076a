/** The encoder's weights and the reader's graphs as files that the trainer opens. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ExternalRange } from "@lorekeep/autodiff";
import { writeAtomically } from "../atomic-file.ts";
import type { TrainingGraphFiles } from "../train/training-task.ts";
import { readerParameters, readerTrainingGraph } from "./encoder-graph.ts";
import type { EncoderOptions } from "./encoder-graph.ts";
import { writeTrainingGraphs } from "../write-training-graphs.ts";

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
  return writeTrainingGraphs({
    folder,
    graph: readerTrainingGraph(options),
    parameters: readerParameters(options),
    options,
    locate: (name) => places.get(name)!,
  });
}
