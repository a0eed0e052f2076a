/**
 * The job `fine-tune`: examples → tokens → training → adapter file → gate → adapter row. It may be killed anywhere and run
 * again: tokens are kept in the run's folder, training goes on at its checkpoint, the file of an adapter without a row is
 * thrown away, and the gate is asked anew.
 *
 * What is left when it ends: the adapter's file and row, with report and card. The run's folder goes.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError, throwIfAborted, toAppError } from "@lorekeep/core";
import type {
  AdapterId,
  Dataset,
  DocumentId,
  Example,
  FineTune,
  FineTuneId,
  Gate,
  JobContext,
  NewAdapter,
} from "@lorekeep/core";
import { dataCard, documentsOf, isRefusalText } from "@lorekeep/rag";
import type { Adapter as LearntAdapter, FineTunePhase, TrainingControl, TrainingResult } from "@lorekeep/tune";
import { throttleProgress } from "../ingest-into.ts";
import { judgeAdapter } from "./judge-adapter.ts";
import { isEnded } from "./fine-tunes.ts";
import { activateIfWanted } from "./auto-train.ts";
import { adapterIdOf, exampleIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";
import { gatherExamples, learnableExamples, retrievalOf, tokenise } from "./training-examples.ts";
import { readTokens, writeTokens } from "./token-file.ts";
import type { ScoreAnswers, TokenCounter, TokenSets, TrainableBase } from "./trainer.ts";
import { reportProgress } from "./tune-progress.ts";
import type { TuneProgress } from "./tune-progress.ts";

interface Run {
  readonly parts: AdaptationParts;
  readonly id: FineTuneId;
  readonly fineTune: FineTune;
  readonly base: TrainableBase;
  readonly tokenizer: TokenCounter;
  readonly folder: string;
  readonly control: TrainingControl;
  readonly progress: TuneProgress;
  readonly context: JobContext;
  readonly signal: AbortSignal;
}

interface Gathered {
  readonly dataset: Dataset;
  readonly examples: readonly Example[];
  readonly tokens: TokenSets;
  readonly passageCount: number | undefined;
}

export type FineTuneOutcome = { readonly outcome: "gone" | "cancelled" | "succeeded" | "rejected" };

export async function runFineTune(
  parts: AdaptationParts,
  id: FineTuneId,
  context: JobContext,
): Promise<FineTuneOutcome> {
  const fineTune = await parts.store.fineTunes.get(id);
  const folder = join(parts.fineTunesFolder, id);
  if (fineTune === null || isEnded(fineTune)) {
    await rm(folder, { recursive: true, force: true });
    return { outcome: "gone" };
  }
  const { createTrainingControl } = await import("@lorekeep/tune");
  const control = createTrainingControl();
  if (fineTune.status === "paused") control.pause();
  const endRun = parts.runs.begin(id, control);
  const stop = (): void => control.cancel();
  context.signal.addEventListener("abort", stop, { once: true });
  const progress = reportProgress({ store: parts.store, id, control, context, logger: parts.logger });
  try {
    return await walk(parts, { id, fineTune, folder, control, progress, context });
  } catch (error) {
    return await fail(parts, id, error, context);
  } finally {
    context.signal.removeEventListener("abort", stop);
    endRun();
    await progress.end();
    const after = await parts.store.fineTunes.get(id);
    if (after === null || isEnded(after)) await rm(folder, { recursive: true, force: true });
  }
}

type Walk = Pick<Run, "id" | "fineTune" | "folder" | "control" | "progress"> & { readonly context: JobContext };

async function walk(parts: AdaptationParts, { context, ...given }: Walk): Promise<FineTuneOutcome> {
  const { fineTune, folder, progress } = given;
  // Killed between the adapter's row and the end: nothing is left but to say so.
  if (fineTune.gate !== null && fineTune.adapterId !== null)
    return finish({ ...given, parts }, fineTune.gate, fineTune.adapterId as AdapterId); // as the store wrote it
  const startedAt = fineTune.startedAt ?? parts.clock.now().toISOString();
  const status = fineTune.status === "paused" ? "paused" : "running";
  await progress.phase("prepare", { status, startedAt, error: null });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const base = await parts.trainer.openBase(fineTune.base);
  const tokenizer = await base.tokenizer();
  try {
    const run: Run = { ...given, parts, base, tokenizer, context, signal: context.signal };
    return await walkCorridor(run);
  } finally {
    await tokenizer.close();
  }
}

/** As the row and its page name them. */
const PHASES: Readonly<Record<FineTunePhase, string>> = {
  ...{ tokenising: "prepare", preparing: "prepare", training: "train", exporting: "export", judging: "gate" },
};

async function walkCorridor(run: Run): Promise<FineTuneOutcome> {
  const { fineTune, base, folder, control, progress, signal } = run;
  const { onPlan, onStep, onValidation } = progress;
  let gathered: Gathered | undefined;
  const { learnt, adapter } = await base.train({
    ...{ recipe: fineTune.recipe, folder, control, signal, onPlan, onStep, onValidation },
    onPhase: (phase) => void progress.phase(PHASES[phase], phase === "exporting" ? { etaSeconds: null } : {}),
    tokenise: async () => (gathered = await gather(run)).tokens,
    exportAdapter: async (made, result) => {
      await keepLosses(run, result);
      return exportAdapter(run, made);
    },
    judge: (file, score) => judge(run, gathered!, { file, score }),
  });
  if (adapter === null || gathered === undefined) {
    await keepLosses(run, learnt);
    throwIfAborted(signal);
    return settleCancelled(run);
  }
  return settle(run, { gathered, learnt, ...adapter });
}

/** A process that was killed may have taken points with it that the checkpoint remembers. */
async function keepLosses({ parts, id }: Run, { lossSeries, validationSeries }: TrainingResult): Promise<void> {
  await parts.store.fineTunes.addLoss(id, "loss", [...lossSeries]);
  await parts.store.fineTunes.addLoss(id, "validationLoss", [...validationSeries]);
}

/** Tokens of the first try are kept, so that a resumed run learns from the very same ones. */
async function gather(run: Run): Promise<Gathered> {
  const { parts, fineTune, signal, folder, tokenizer } = run;
  const dataset = await parts.store.datasets.get(fineTune.datasetId as Parameters<typeof parts.store.datasets.get>[0]);
  if (dataset === null) throw new AppError("not_found", "The dataset of this fine-tune has been deleted.");
  const examples = learnableExamples(await gatherExamples(parts, dataset, signal), fineTune.recipe);
  const passageCount = (await retrievalOf(parts, dataset, signal))?.collection.retrieval.passageCount;
  await parts.store.fineTunes.setExamples(
    run.id,
    examples.map(exampleIdOf),
    documentsOf(examples) as DocumentId[], // as the store wrote them
  );
  const path = join(folder, "tokens.jsonl");
  const kept = await readTokens(path);
  if (kept !== null) return { dataset, examples, passageCount, tokens: kept };
  const tokens = await tokenise(examples, { recipe: fineTune.recipe, tokenizer, passageCount, signal });
  await writeTokens(path, tokens);
  return { dataset, examples, passageCount, tokens };
}

/** Under a name that was never used: the engine keeps adapters by path. */
async function exportAdapter(run: Run, adapter: LearntAdapter): Promise<string> {
  const { parts, id, fineTune } = run;
  const { writeGgufAdapter } = await import("@lorekeep/tune");
  await mkdir(parts.adaptersFolder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(parts.adaptersFolder))
    if (name.startsWith(id)) await rm(join(parts.adaptersFolder, name), { force: true });
  const file = `${id}-${Date.now().toString(36)}.gguf`;
  await writeGgufAdapter(join(parts.adaptersFolder, file), {
    ...adapter,
    metadata: { "general.name": fineTune.name },
  });
  return file;
}

async function judge(
  run: Run,
  gathered: Gathered,
  { file, score }: { file: string; score: ScoreAnswers },
): Promise<Gate> {
  const { parts, base, tokenizer, fineTune, signal } = run;
  const { maxTokens, seed } = fineTune.recipe;
  const tell = throttleProgress(run.context);
  const path = join(parts.adaptersFolder, file);
  const served = await base.generator();
  try {
    return await judgeAdapter({
      heldOut: gathered.examples.filter(({ split }) => split === "validation"),
      generator: served.generator,
      adapter: { path, scale: 1 },
      tokenizer,
      score: (examples, withAdapter) => score(examples, withAdapter, signal),
      servedLoss: (examples) => base.servedLoss(examples, path, signal),
      onNotServed: (error) => parts.logger.warn("fine-tune.served_not_compared", { fineTuneId: run.id, error }),
      build: {
        maxTokens,
        passageCount: gathered.passageCount,
        seed,
        count: (messages, target) =>
          tokenizer.promptTokenIds(messages).length + tokenizer.answerTokenIds(target).length,
      },
      seed,
      signal,
      onProgress: (done, total) => tell(done, total, "gate"),
    });
  } finally {
    await served.close();
  }
}

interface Made {
  readonly gathered: Gathered;
  readonly learnt: TrainingResult;
  readonly file: string;
  readonly gate: Gate;
}

async function settle(run: Run, made: Made): Promise<FineTuneOutcome> {
  const { parts, progress } = run;
  const { gate, learnt } = made;
  const adapter = await parts.store.adapters.create(await adapterRow(run, made));
  await progress.phase("done", {
    gate,
    adapterId: adapter.id,
    tokensPerSecond: learnt.tokensPerSecond,
    memoryBytes: Math.round(learnt.peakRssBytes),
    skippedSteps: learnt.skippedSteps,
  });
  return finish(run, gate, adapterIdOf(adapter));
}

/** Whoever sees the end finds the run's folder gone. */
async function finish(
  { parts, id, fineTune, folder, progress }: Pick<Run, "parts" | "id" | "fineTune" | "folder" | "progress">,
  { passed }: Gate,
  adapterId: AdapterId,
): Promise<FineTuneOutcome> {
  await rm(folder, { recursive: true, force: true });
  const status = passed ? "succeeded" : "rejected";
  await progress.phase("done", { status, etaSeconds: null, endedAt: parts.clock.now().toISOString() });
  parts.logger.info("fine-tune.ended", { fineTuneId: id, status, adapterId });
  if (passed) await activateIfWanted(parts, fineTune, adapterId);
  return { outcome: status };
}

async function adapterRow(
  { parts, id, fineTune, base }: Run,
  { gathered, learnt, file, gate }: Made,
): Promise<NewAdapter> {
  const bytes = await readFile(join(parts.adaptersFolder, file));
  const { steps, skippedSteps } = learnt;
  const startedAt = fineTune.startedAt ?? parts.clock.now().toISOString();
  const now = parts.clock.now();
  const card = dataCard({
    name: fineTune.name,
    // The card travels with the adapter: a path of this machine does not.
    base: {
      ...{ name: basename(base.name), fingerprint: base.fingerprint, licence: base.licence },
      sha256: await base.sha256(),
    },
    recipe: fineTune.recipe,
    datasetName: fineTune.datasetName,
    examples: gathered.examples,
    versions: { lorekeep: parts.version, ...parts.trainer.versions() },
    training: {
      steps,
      skippedSteps,
      tokens: gathered.tokens.train.reduce((sum, { prompt, answer }) => sum + prompt.length + answer.length, 0),
      seconds: (now.getTime() - Date.parse(startedAt)) / 1000,
    },
    gate,
    trainedAt: now.toISOString(),
  });
  return {
    name: fineTune.name,
    base: base.name,
    origin: "fine-tune",
    fineTuneId: id,
    rank: fineTune.recipe.rank,
    alpha: fineTune.recipe.alpha,
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    passed: gate.passed,
    gate,
    card: { ...card, refuses: gathered.examples.some(({ answer }) => answer === null || isRefusalText(answer)) },
    file,
  };
}

/** Cancelled by a person: the row says so already. */
async function settleCancelled({ parts, id, progress }: Run): Promise<FineTuneOutcome> {
  const endedAt = parts.clock.now().toISOString();
  await progress.phase("done", { status: "cancelled", etaSeconds: null, endedAt });
  parts.logger.info("fine-tune.ended", { fineTuneId: id, status: "cancelled" });
  return { outcome: "cancelled" };
}

/** By a person, and not because the process ends. */
export const isCancelledJob = ({ aborted, reason }: AbortSignal): boolean =>
  aborted && reason instanceof AppError && reason.details.reason === "cancelled";

/** What a retry may heal leaves the row as it is; what it cannot ends the run, with the reason. */
async function fail(
  parts: AdaptationParts,
  id: FineTuneId,
  error: unknown,
  { signal, job }: JobContext,
): Promise<FineTuneOutcome> {
  const row = await parts.store.fineTunes.get(id);
  if (row === null || isEnded(row)) return { outcome: row === null ? "gone" : "cancelled" };
  const { code, message, retry } = toAppError(error);
  if (isCancelledJob(signal)) {
    await parts.store.fineTunes.update(id, { status: "cancelled", endedAt: parts.clock.now().toISOString() });
    return { outcome: "cancelled" };
  }
  // Shutdown, a lost lease: another attempt goes on where this one was.
  if (signal.aborted || code === "aborted") throw error;
  if (retry && job.attempt < job.maxAttempts) throw error;
  await parts.store.fineTunes.update(id, {
    status: "failed",
    error: { code, detail: message },
    etaSeconds: null,
    endedAt: parts.clock.now().toISOString(),
  });
  parts.logger.warn("fine-tune.failed", { fineTuneId: id, code, error });
  throw error;
}
