/** One case of bench/lora.ts in a process of its own: MODE BATCH TIME GGUF FOLDER; prints a LoraSample as JSON. */
import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { add, emitOnnx, floatType, Graph, matmul, sumAll } from "../packages/autodiff/src/index.ts";
import type { Value } from "../packages/autodiff/src/index.ts";
import { LINEAR_NAMES, linearShapes, prepareLlama } from "../packages/tune/src/index.ts";
import type { MemoryMode, PreparedLlama } from "../packages/tune/src/index.ts";
import { answerTask } from "../packages/tune/src/llama/answer-task.ts";
import type { GroupedAnswerExample } from "../packages/tune/src/llama/answer-task.ts";
import { flatLength } from "../packages/tune/src/train/flat-parameters.ts";
import { openLaneThread } from "../packages/tune/src/train/lane-thread.ts";
import { openLanes } from "../packages/tune/src/train/lanes.ts";
import { openStepSession } from "../packages/tune/src/train/step-session.ts";

export interface LoraSample {
  readonly tokensPerSecond: number;
  /** Highest resident memory; mapped weights count as far as they have been read. */
  readonly peakBytes: number;
  /** Of what is resident at the end: memory of the process itself (Linux), and pages of mapped files, which any program may take back. */
  readonly ownBytes: number | null;
  readonly mappedBytes: number | null;
}
const STEPS = 6;
const ANSWER_TOKENS = 100;

const [mode, batchText, timeText, ggufPath, folder] = process.argv.slice(2) as [
  MemoryMode | "gemm" | "lanes",
  string,
  string,
  string,
  string,
];
const [batch, time] = [Number(batchText), Number(timeText)];
const prepared = await prepareLlama({
  ggufPath,
  cacheFolder: folder,
  rank: 8,
  alpha: 16,
  targets: [...LINEAR_NAMES],
  maxTokens: time,
  memoryMode: mode === "gemm" || mode === "lanes" ? "fast" : mode,
  objective: { kind: "supervised" },
});
const seconds = await measured(prepared);
const median = seconds.slice(1).sort((a, b) => a - b)[Math.floor((seconds.length - 1) / 2)]!;
const sample: LoraSample = {
  tokensPerSecond: (batch * time) / median,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  ...(await residentNow()),
};
console.log(JSON.stringify(sample));
process.exit(0);

async function residentNow(): Promise<Pick<LoraSample, "ownBytes" | "mappedBytes">> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = (name: string): number | null => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
    return found === undefined ? null : Number(found) * 1024;
  };
  return { ownBytes: kilobytes("RssAnon"), mappedBytes: kilobytes("RssFile") };
}

function measured(base: PreparedLlama): Promise<number[]> {
  if (mode === "gemm") return products(base);
  return mode === "lanes" ? laneSteps(base) : steps(base, mode);
}

async function timed(run: () => Promise<unknown>): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    const startedAt = performance.now();
    await run();
    seconds.push((performance.now() - startedAt) / 1000);
  }
  return seconds;
}

async function steps({ files, group }: PreparedLlama, memoryMode: MemoryMode): Promise<number[]> {
  const size = flatLength(files.parameters);
  const session = await openStepSession({
    modelPath: files.trainModel,
    specs: files.parameters,
    parameters: new Float32Array(size),
    gradient: new Float32Array(size),
    threads: 0,
    isPrepacked: memoryMode !== "small",
    isSpinning: true,
  });
  const { feeds, terms } = answerTask.feedsOf(examplesOf(group));
  return timed(() => session.run(feeds, 1 / terms));
}

/** The training loop's own way: feeds, copies of parameters and gradient, and the sum are counted. */
async function laneSteps({ files, group, taskModule, taskExport }: PreparedLlama): Promise<number[]> {
  const { trainModel: modelPath, parameters: specs } = files;
  const [parameters, gradient] = [new Float32Array(flatLength(specs)), new Float32Array(flatLength(specs))];
  const shared = { threads: Math.floor(availableParallelism() / 2), isSpinning: true };

  const session = await openStepSession({ modelPath, specs, parameters, gradient, isPrepacked: true, ...shared });
  const second = openLaneThread<GroupedAnswerExample>({ files, taskModule: taskModule.href, taskExport, ...shared });
  await second.ready;
  const brake = { mayGoOn: () => true, waitedMs: 0 };
  const examples = examplesOf(group);
  const lanes = openLanes({ task: answerTask, examples, brake, session, gradient, parameters, second });
  return timed(() => lanes.measure([[...examples.keys()]]));
}

function examplesOf(group: number): GroupedAnswerExample[] {
  const ids = Array.from({ length: time }, (_, i) => 100 + ((i * 7919) % 40_000));
  return Array.from({ length: batch }, () => ({ ids, answerStart: time - ANSWER_TOKENS, group }));
}

/** Every frozen linear layer forward and backward, and the head on the answer tokens: nothing else. */
async function products({ config, weights }: PreparedLlama): Promise<number[]> {
  const graph = new Graph();
  const inputs = new Map<number, Value>();
  const input = (width: number, rows = batch * time): Value => {
    const key = width * 1e6 + rows;
    const made = inputs.get(key) ?? graph.input(`x${width}x${rows}`, floatType([rows, width]));
    inputs.set(key, made);
    return made;
  };
  const results: Value[] = [];
  const both = (name: string, [out, into]: readonly [number, number], rows?: number): void => {
    const weight = graph.weight(name, floatType([out, into]));
    results.push(
      sumAll(matmul(input(into, rows), weight, { transposeB: true })),
      sumAll(matmul(input(out, rows), weight)),
    );
  };
  for (let layer = 0; layer < config.layers; layer++)
    for (const name of LINEAR_NAMES) both(`blk.${layer}.${name}.weight`, linearShapes(config)[name]);
  both("token_embd.weight", [config.vocabulary, config.hidden], batch * ANSWER_TOKENS);
  graph.output(
    "sum",
    results.reduce((a, b) => add(a, b)),
  );
  const path = join(dirname(weights.weightsPath), "gemm.onnx");
  const locate = (name: string) => {
    const { offsetBytes, shape } = weights.tensors[name]!;
    return { file: "weights.f32", offset: offsetBytes, bytes: 4 * shape.reduce((a, b) => a * b, 1) };
  };
  await writeFile(path, emitOnnx(graph, { name: "gemm", locate }));
  const session = await InferenceSession.create(path, {
    graphOptimizationLevel: "all",
    enableMemPattern: false,
    logSeverityLevel: 3,
  });
  const feeds = Object.fromEntries(
    [...graph.inputs].map(([name, { type }]) => {
      const dims = type.dims as number[];
      return [name, new Tensor("float32", new Float32Array(dims[0]! * dims[1]!).fill(0.01), dims)];
    }),
  );
  return timed(() => session.run(feeds));
}
