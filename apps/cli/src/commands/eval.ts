/**
 * Measures search, and with --answers the chat, on an evaluation set; says whether the difference between two runs is real. Always
 * in this process, also beside a server.
 */
import { compareSavedRuns, measureFolder, readRun, saveRun, toSavedRun } from "@lorekeep/platform";
import type { EvalReport, RunComparison } from "@lorekeep/platform";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { openLocalHouse } from "../open-door.ts";
import { tableOf } from "../terminal.ts";
import type { ProgressBar } from "../terminal.ts";

interface EvalOptions {
  readonly collection?: string;
  readonly answers?: boolean;
  readonly json?: boolean;
  readonly save?: string;
  readonly against?: string;
}

export function addEval(program: Command, context: CommandContext): void {
  const evaluate = program
    .command("eval")
    .description("measure search and answers on a folder with docs.jsonl and qa.jsonl (or a BEIR set)")
    .argument("<set>", "the folder")
    .option("-c, --collection <name>", "collection to keep the documents in (default: eval:FOLDER)")
    .option("--answers", "also answer every question")
    .option("--save <file>", "keep the run in a file, to compare a later one with it")
    .option("--against <run>", "an earlier run (a file of --save, or an evaluation's id): is the difference real?")
    .option("--json", "print one JSON object")
    .action((folder: string, options: EvalOptions) => runEval(context, folder, options));
  evaluate
    .command("compare")
    .description("is the difference between two runs real? (files of --save, or evaluations' ids)")
    .argument("<before>", "the earlier run")
    .argument("<after>", "the later run")
    .action(async (before: string, after: string, _options: unknown, command: Command) => {
      await using house = await openLocalHouse(context.config(), { work: false });
      const { platform } = house;
      const comparison = compareSavedRuns(await readRun(platform, before), await readRun(platform, after));
      if (command.optsWithGlobals<EvalOptions>().json) context.terminal.printJson(comparison);
      else context.terminal.print(describeComparison(comparison));
    });
}

async function runEval(context: CommandContext, folder: string, options: EvalOptions): Promise<void> {
  const { terminal, signal } = context;
  await using house = await openLocalHouse(context.config(), { work: true });
  const { platform } = house;
  // Before the long part: a run that is not there measures nothing.
  const earlier = options.against === undefined ? null : await readRun(platform, options.against);
  const bars: Partial<Record<string, ProgressBar>> = {};
  const run = await measureFolder(platform, {
    folder,
    collection: options.collection,
    answers: options.answers === true,
    signal,
    onProgress: (step, done, total) => (bars[step] ??= terminal.bar(step.padEnd(7))).update(done, total),
  });
  for (const bar of Object.values(bars)) bar?.end();
  const saved = toSavedRun(basename(resolve(folder)), run, new Date());
  if (options.save !== undefined) await saveRun(options.save, saved);
  const comparison = earlier === null ? null : compareSavedRuns(earlier, saved);
  if (options.json) return terminal.printJson(comparison === null ? run.report : { ...run.report, comparison });
  terminal.print(describeReport(run.report));
  if (comparison !== null) terminal.print(`\n${describeComparison(comparison)}`);
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;

export function describeComparison({ questionCount, differences }: RunComparison): string {
  const names = Object.keys(differences);
  if (questionCount === 0 || names.length === 0) return "The two runs share no question: nothing can be compared.";
  const rows = names.map((name) => {
    const { before, after, mean, interval, real } = differences[name]!;
    const range = `[${interval.map(signed).join(", ")}]`;
    return [name, before.toFixed(3), after.toFixed(3), signed(mean), range, real ? "real" : "may be chance"];
  });
  const head = ["figure", "before", "after", "difference", "95 % interval", ""];
  return [tableOf(head, rows), "", `${questionCount} questions that both runs asked`].join("\n");
}

function describeBest(best: NonNullable<EvalReport["refusal"]>["best"]): string[] {
  if (best === undefined) return [];
  const [right, wrong, balanced] = [best.right, best.wrong, best.balanced].map((value) => value.toFixed(3));
  return [
    `  at a threshold of ${best.threshold}: right ${right}, wrong ${wrong}, balanced ${balanced} (best of these questions)`,
  ];
}

export function describeReport(report: EvalReport): string {
  const figure = (value: number): string => value.toFixed(3);
  const rows = (["lexical", "dense", "hybrid"] as const).map((mode) => {
    const { ndcgAt10, mrrAt10, recallAt10, recallAt100, latency } = report[mode];
    const figures = [ndcgAt10, mrrAt10, recallAt10, recallAt100].map(figure);
    return [mode, ...figures, latency.p50.toFixed(1), latency.p95.toFixed(1)];
  });
  const head = ["mode", "nDCG@10", "MRR@10", "recall@10", "recall@100", "p50 ms", "p95 ms"];
  const lines = [tableOf(head, rows), "", `${report.questionCount} questions`];
  if (report.refusal !== undefined)
    lines.push(
      `answers: F1 ${figure(report.answerF1 ?? 0)}, EM ${figure(report.answerEm ?? 0)}, whole text F1 ${figure(report.fullAnswerF1 ?? 0)}`,
      `refusal: right ${figure(report.refusal.right)}, wrong ${figure(report.refusal.wrong)}, balanced ${figure(report.refusal.balanced)}`,
      ...describeBest(report.refusal.best),
      `citations: precision ${figure(report.citationPrecision ?? 0)}, recall ${figure(report.citationRecall ?? 0)}; unsupported sentences ${figure(report.unsupportedShare ?? 0)}`,
      `${(report.tokensPerSecond ?? 0).toFixed(1)} tokens/s`,
    );
  return lines.join("\n");
}
