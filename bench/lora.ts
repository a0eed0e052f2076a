/**
 * LoRA steps a second on SmolLM2-135M, rank 8 on all linear layers, against two yardsticks in the same run: what the machine
 * needs for the frozen matrix products alone (the bound), and PEFT on PyTorch where Python has it (LOREKEEP_PYTHON). Each
 * case has its own process, so its peak memory is its own.
 */
import { spawnSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { defaultModelsFolder, findInstalled, findModel } from "../packages/models/src/index.ts";
import { prepareParity } from "../packages/tune/src/testing/parity.ts";
import { round } from "./figures.ts";
import { runPeft } from "./lora-parity.ts";
import type { LoraSample } from "./lora-child.ts";
import type { BenchResult } from "./result.ts";

const MODEL = "smollm2-135m-instruct";
const CASES = [
  ["gemm", 1, 256],
  ["fast", 1, 256],
  ["checkpointed", 1, 256],
  ["small", 1, 256],
  ["fast", 4, 256],
  ["lanes", 2, 256],
  ["lanes", 4, 256],
  ["checkpointed", 4, 256],
] as const;
const NAMES = {
  gemm: "frozen products alone",
  lanes: "fast, two lanes",
  ...{ fast: "fast", checkpointed: "checkpointed", small: "small" },
} as const;

export async function run(): Promise<BenchResult> {
  const model = await findInstalled(findModel(MODEL)!, defaultModelsFolder(process.env));
  if (model === null) throw new Error(`${MODEL} is not there: npm run lorekeep -- models pull ${MODEL}`);
  const ggufPath = join(model.folder, "model.gguf");
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-lora-"));
  const samples = CASES.map(([mode, batch, time]) => ({
    mode,
    batch,
    time,
    ...measure([mode, String(batch), String(time), ggufPath, folder]),
  }));
  const bound = samples[0]!.tokensPerSecond;
  const ids = Array.from({ length: 256 }, (_, i) => 100 + ((i * 7919) % 40_000));
  const examples = Array.from({ length: 6 }, () => ({ ids, answerStart: 156 }));
  const peft = await runPeft(await prepareParity(ggufPath, folder, examples, "fast"), folder);
  const megabytes = (bytes: number | null): number | string => (bytes === null ? "–" : round(bytes / 1e6, 0));
  const row = (
    way: string,
    speed: number,
    { peakBytes, ownBytes, mappedBytes }: Omit<LoraSample, "tokensPerSecond">,
  ): BenchResult["rows"][number] => ({
    way,
    "tokens/s": round(speed),
    "of the bound": round(speed / bound, 2),
    ...(peft === null ? {} : { "times PEFT": round(speed / peft.tokensPerSecond, 2) }),
    "peak MB": megabytes(peakBytes),
    "own MB": megabytes(ownBytes),
    "mapped MB": megabytes(mappedBytes),
  });
  return {
    name: `LoRA, ${MODEL}, rank 8 on all linears, ${availableParallelism()} cores`,
    rows: [
      ...samples.map(({ mode, batch, time, tokensPerSecond, ...memory }) =>
        row(`${NAMES[mode]} ${batch}×${time}`, tokensPerSecond, memory),
      ),
      ...(peft === null
        ? []
        : [
            row("PEFT on PyTorch 1×256", peft.tokensPerSecond, {
              ...{ peakBytes: peft.peakMiB * 1024 ** 2, ownBytes: null, mappedBytes: null },
            }),
          ]),
    ],
    notes: [
      `Median of the steps after the first. Bars: 1.3 times PEFT, 0.75 of the bound; 1.7 GB checkpointed, 1.1 GB small. Load ${round(loadavg()[0]!)}.`,
      "A lane is a session of its own with half of the threads: two share a step's examples, and their gradients are summed. Copies and sums are counted; the examples of a step are halved between them.",
      "The peak counts mapped weights: 538 MB of float32 in a file, shared by all runs. What is the process's own and what is mapped is as of the last step.",
      ...(peft === null ? ["PEFT was not run: no Python with torch, transformers and peft. Set LOREKEEP_PYTHON."] : []),
    ],
  };
}

function measure(args: readonly string[]): LoraSample {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "lora-child.ts"), ...args],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as LoraSample;
}
