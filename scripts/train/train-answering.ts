/**
 * `node scripts/train/train-answering.ts --data FOLDER --out FILE`: one run of what make-answering.ts puts together: SmolLM2-135M-Instruct
 * learns to answer shortly from passages and to refuse when they do not say. FOLDER holds squad2 (docs.public.jsonl, qa.public.jsonl).
 * Interrupted, it goes on at its last checkpoint. `judge-answering.ts` measures the result.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import type { ChatMessage } from "@lorekeep/core";
import { defaultModelsFolder, openChatTokenizer } from "@lorekeep/models";
import { buildTrainingMessages } from "@lorekeep/rag";
import type { AskedExample } from "@lorekeep/rag";
import { LINEAR_NAMES, prepareLlama, train, writeGgufAdapter } from "@lorekeep/tune";
import type { GroupedAnswerExample } from "@lorekeep/tune";
import { answeringExamples, HELD_OUT_SHARE } from "./answering-data.ts";
import { answerAsBase } from "./answer-as-base.ts";
import { GENERAL_PROMPTS } from "./general-prompts.ts";
import { printProgress } from "./print-progress.ts";
import { loadQuestionSet } from "./reader-data.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "packages/models/adapters/answering-smollm2-135m.gguf" },
    work: { type: "string", default: "node_modules/.cache/lorekeep-train/answering" },
    answerable: { type: "string", default: "880" },
    unrelated: { type: "string", default: "150" },
    adversarial: { type: "string", default: "0" },
    distracted: { type: "string", default: "0.1" },
    epochs: { type: "string", default: "1" },
    "learning-rate": { type: "string", default: "0.0004" },
    accumulate: { type: "string", default: "1" },
    /** Share of what was learnt that is served: weights between base and tuned forget less (Wortsman et al. 2022, WiSE-FT). */
    served: { type: "string", default: "1" },
    "max-steps": { type: "string" },
    "max-tokens": { type: "string", default: "400" },
    seed: { type: "string", default: "7" },
    spin: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
  },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const ggufPath = join(defaultModelsFolder(process.env), "smollm2-135m-instruct", "model.gguf");
const rank = 16;
const alpha = 32;
const servedAlpha = alpha * Number(values.served);
const maxTokens = Number(values["max-tokens"]);

const set = await loadQuestionSet(values.data, "squad2", HELD_OUT_SHARE);
const shares = {
  unrelated: Number(values.unrelated),
  adversarial: Number(values.adversarial),
  distracted: Number(values.distracted),
};
const trained = answeringExamples(set, set.train, { answerable: Number(values.answerable), ...shares });
const heldOut = answeringExamples(set, set.heldOut, { answerable: 40, unrelated: 0, adversarial: 0, distracted: 0.3 });

const llama = await prepareLlama({
  ggufPath,
  cacheFolder: join(values.work, "weights"),
  rank,
  alpha,
  targets: [...LINEAR_NAMES],
  maxTokens,
  memoryMode: "fast",
  objective: { kind: "supervised" },
});
const tokenizer = await openChatTokenizer(ggufPath);
const tokens = (messages: readonly ChatMessage[], target: string): GroupedAnswerExample => {
  const prompt = tokenizer.promptTokenIds(messages);
  return { ids: [...prompt, ...tokenizer.answerTokenIds(target)], answerStart: prompt.length, group: llama.group };
};
async function tokenised(examples: readonly AskedExample[]): Promise<GroupedAnswerExample[]> {
  const count = (messages: readonly ChatMessage[], target: string): number => tokens(messages, target).ids.length;
  const built = await Promise.all(
    examples.map((example) => buildTrainingMessages(example, { maxTokens, count, seed: Number(values.seed) })),
  );
  return built.flatMap((made) => (made === null ? [] : [tokens(made.messages, made.target)]));
}
const general = (await answerAsBase(ggufPath, GENERAL_PROMPTS)).map(({ messages, answer }) => tokens(messages, answer));
const examples = [...(await tokenised(trained)), ...general];
const validation = await tokenised(heldOut);
await tokenizer.close();
const total = examples.reduce((sum, { ids }) => sum + ids.length, 0);
console.error(
  `${examples.length} examples (${general.length} general), ${total} tokens, ${validation.length} held out`,
);

const recipe = {
  learningRate: Number(values["learning-rate"]),
  warmupSteps: 10,
  epochs: Number(values.epochs),
  ...(values["max-steps"] === undefined ? {} : { maxSteps: Number(values["max-steps"]) }),
  batchTokens: 1024,
  accumulate: Number(values.accumulate),
  weightDecay: 0,
  clipNorm: 1,
  seed: Number(values.seed),
  schedule: "cosine" as const,
  finalShare: 0.05,
  validateEverySteps: 60,
  patience: 0,
};
const startedAt = performance.now();
const result = await train({
  files: llama.files,
  taskModule: llama.taskModule,
  taskExport: llama.taskExport,
  examples,
  validation,
  recipe,
  threads: 0,
  memoryMode: "fast",
  lanes: 2,
  isSpinning: values.spin,
  checkpointFolder: join(values.work, "checkpoints"),
  checkpointEverySeconds: 120,
  resume: !values.fresh,
  onProgress: printProgress(5),
});

const minutes = Math.round((performance.now() - startedAt) / 6000) / 10;
const card = {
  name: "answering-smollm2-135m",
  base: "SmolLM2-135M-Instruct, Q4_1 (Apache-2.0)",
  data: "SQuAD 2.0, public half, split by article (CC BY-SA 4.0); everyday questions answered by the base itself",
  heldOutTitles: [...new Set(set.heldOut.map(({ doc_id }) => set.documents.get(doc_id)!.title))],
  counts: {
    answerable: Number(values.answerable),
    ...shares,
    general: general.length,
    examples: examples.length,
    tokens: total,
  },
  recipe: { ...recipe, rank, alpha, servedAlpha, maxTokens },
  steps: result.steps,
  validation: result.validationSeries,
  tokensPerSecond: Math.round(result.tokensPerSecond),
  minutes,
};
await mkdir(dirname(values.out), { recursive: true });
await writeGgufAdapter(values.out, {
  ...llama.toAdapter(result.parameters),
  alpha: servedAlpha,
  precision: "F16",
  metadata: { "general.name": card.name, "general.license": "cc-by-sa-4.0" },
});
await writeFile(values.out.replace(/\.gguf$/, ".card.json"), `${JSON.stringify(card, null, 2)}\n`);
console.error(`Wrote ${values.out} in ${minutes} min.`);
