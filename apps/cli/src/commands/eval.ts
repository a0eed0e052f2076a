/** Measures search, and with --answers the chat, on an evaluation set. Always in this process, also beside a server. */
import { evaluateFolder } from "@lorekeep/platform";
import type { EvalReport } from "@lorekeep/platform";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { openLocalHouse } from "../open-door.ts";
import { tableOf } from "../terminal.ts";
import type { ProgressBar } from "../terminal.ts";

interface EvalOptions {
  readonly collection?: string;
  readonly answers?: boolean;
  readonly json?: boolean;
}

export function addEval(program: Command, context: CommandContext): void {
  program
    .command("eval")
    .description("measure search and answers on a folder with docs.jsonl and qa.jsonl (or a BEIR set)")
    .argument("<set>", "the folder")
    .option("-c, --collection <name>", "collection to keep the documents in (default: eval:FOLDER)")
    .option("--answers", "also answer every question")
    .option("--json", "print one JSON object")
    .action(async (folder: string, options: EvalOptions) => {
      const { terminal, signal } = context;
      await using house = await openLocalHouse(context.config(), { work: true });
      const bars: Partial<Record<string, ProgressBar>> = {};
      const report = await evaluateFolder(house.platform, {
        folder,
        collection: options.collection,
        answers: options.answers === true,
        signal,
        onProgress: (step, done, total) => (bars[step] ??= terminal.bar(step.padEnd(7))).update(done, total),
      });
      for (const bar of Object.values(bars)) bar?.end();
      if (options.json) terminal.printJson(report);
      else terminal.print(describeReport(report));
    });
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
      `citations: precision ${figure(report.citationPrecision ?? 0)}, recall ${figure(report.citationRecall ?? 0)}; unsupported sentences ${figure(report.unsupportedShare ?? 0)}`,
      `${(report.tokensPerSecond ?? 0).toFixed(1)} tokens/s`,
    );
  return lines.join("\n");
}
