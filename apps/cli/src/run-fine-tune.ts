/** `lorekeep tune DATA`: a file becomes a dataset, the estimate is shown, the fine-tune started, followed and reported. */
import { existsSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { AppError, createFineTuneSchema, trainOnFeedbackSchema } from "@lorekeep/core";
import type { CreateFineTuneRequest, FineTune } from "@lorekeep/core";
import { describeEstimate, describeFineTune } from "./describe-fine-tune.ts";
import { followFineTune, type Watching } from "./follow-fine-tune.ts";
import type { Tuning } from "./tuning.ts";

/** As commander gives them: numbers are still words. */
export interface TuneOptions {
  readonly collection?: string;
  readonly name?: string;
  readonly base?: string;
  readonly preset?: string;
  readonly method?: string;
  readonly rank?: string;
  readonly alpha?: string;
  readonly targets?: string[];
  readonly learningRate?: string;
  readonly epochs?: string;
  readonly maxTokens?: string;
  readonly batchTokens?: string;
  readonly memory?: string;
  readonly seed?: string;
  readonly activate?: boolean;
  readonly dryRun?: boolean;
  readonly wait: boolean;
  readonly json?: boolean;
}

export interface TuneRun extends Watching {
  readonly tuning: Tuning;
  readonly exitWith: (code: number) => void;
}

const NUMBERS = ["rank", "alpha", "learningRate", "epochs", "maxTokens", "batchTokens", "seed"] as const;

/** Throws request_invalid that names the option. */
export function parseFineTune(dataset: string, options: TuneOptions): CreateFineTuneRequest {
  const numbers = NUMBERS.flatMap((key) => (options[key] === undefined ? [] : [[key, Number(options[key])] as const]));
  const { name, base, preset, method, targets, memory } = options;
  const words = Object.entries({ name, base, preset, method, targets, memoryMode: memory });
  const given = [...words.filter(([, value]) => value !== undefined), ...numbers];
  const parsed = createFineTuneSchema.safeParse({ dataset, ...Object.fromEntries(given) });
  if (parsed.success) return parsed.data;
  throw new AppError("request_invalid", faultsOf(parsed.error));
}

export async function runFineTune(run: TuneRun, data: string, options: TuneOptions): Promise<void> {
  const { tuning, terminal } = run;
  parseFineTune(data, options); // what is wrong with the options is said before anything is made
  const request = parseFineTune(await datasetOf(run, data, options), options);
  const estimate = await tuning.estimate(request);
  if (options.dryRun && options.json) return terminal.printJson(estimate);
  describeEstimate(estimate).forEach(options.dryRun ? terminal.print : terminal.say);
  if (options.dryRun) return;
  await followIfWanted(run, await tuning.start(request), options);
}

export type FeedbackOptions = Pick<TuneOptions, "preset" | "activate" | "wait" | "json"> & {
  readonly collection: string;
  readonly dataset?: string;
};

/** `lorekeep tune feedback`: what people said about a collection's answers is what is learnt. */
export async function runFromFeedback(run: TuneRun, options: FeedbackOptions): Promise<void> {
  const { collection, dataset, preset } = options;
  const parsed = trainOnFeedbackSchema.safeParse({ collection, dataset, preset });
  if (!parsed.success) throw new AppError("request_invalid", faultsOf(parsed.error));
  await followIfWanted(run, await run.tuning.startFromFeedback(parsed.data), options);
}

async function followIfWanted(
  run: TuneRun,
  fineTune: FineTune,
  options: Pick<TuneOptions, "activate" | "collection" | "json" | "wait">,
): Promise<void> {
  const { terminal } = run;
  if (options.wait) return followAndReport(run, fineTune, options);
  if (options.json) return terminal.printJson(fineTune);
  terminal.print(`${fineTune.id} is ${fineTune.status}. Look at it: lorekeep tune show ${fineTune.id}`);
}

const faultsOf = ({
  issues,
}: {
  readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[];
}) => issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");

/** Id or name of a dataset that is there, or the id of one made of a file. */
async function datasetOf({ tuning, terminal }: TuneRun, data: string, options: TuneOptions): Promise<string> {
  const looksLikeFile = /\.(jsonl|ndjson|json)$/i.test(data);
  if (!looksLikeFile && !existsSync(data)) return data;
  const path = resolve(data);
  if (!existsSync(path)) throw new AppError("not_found", `There is no file ${data}.`);
  const name = options.name ?? basename(path, extname(path));
  const { id, counts, problems } = await tuning.importDataset({ path, name, collection: options.collection });
  const found = Object.entries(problems).map(([problem, count]) => `${count} ${problem.replaceAll("_", " ")}`);
  terminal.say(
    `dataset ${id}: ${counts.approved} examples approved, ${counts.pending} pending, ${counts.rejected} rejected${found.length === 0 ? "" : ` (${found.join(", ")})`}`,
  );
  return id;
}

/** Also for `tune resume`. */
export async function followAndReport(
  run: TuneRun,
  started: FineTune,
  options: Pick<TuneOptions, "activate" | "collection" | "json">,
): Promise<void> {
  const { tuning, terminal, exitWith } = run;
  terminal.say(`${started.id} has started; Ctrl-C pauses it.`);
  const fineTune = await followFineTune(run, started);
  const { status, adapterId, error } = fineTune;
  // The code is from the closed table: our own trainer wrote it.
  if (status === "failed" && error !== null) throw new AppError(error.code as AppError["code"], error.detail);
  if (status !== "succeeded") exitWith(1);
  const isSwitchedOn = status === "succeeded" && options.activate === true && adapterId !== null;
  if (isSwitchedOn)
    await tuning.activate(adapterId, options.collection === undefined ? {} : { collections: [options.collection] });
  if (options.json) return terminal.printJson(fineTune);
  describeFineTune(fineTune).forEach(terminal.print);
  if (isSwitchedOn) terminal.print(`${adapterId} answers now.`);
  else if (status === "succeeded") terminal.say(`Switch it on: lorekeep tune activate ${adapterId ?? ""}`);
  else if (status === "rejected")
    terminal.say(
      `The gate said no, so it is not switched on. In spite of that: lorekeep tune activate ${adapterId ?? ""} --force`,
    );
}
