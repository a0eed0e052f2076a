/** Runs the nightly job now and waits for its report. */
import { setTimeout as pause } from "node:timers/promises";
import { AppError, reindexReportSchema } from "@lorekeep/core";
import type { ErrorCode, ReindexReport } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { Door, JobState } from "../door.ts";
import { withDoor } from "../open-door.ts";

const POLL_MS = 300;

export function addReindex(program: Command, context: CommandContext): void {
  program
    .command("reindex")
    .description("run the nightly job now: watched folders, failed documents, clean-up, verify and compact")
    .option("--json", "print the report as one JSON object")
    .action((options: { json?: boolean }) =>
      withDoor(context.config(), context.terminal, { work: true }, async (door) => {
        const job = await waitForJob(context, door, await door.reindex());
        if (job.status !== "succeeded")
          // The code is from the closed table: our own queue wrote it.
          throw new AppError(
            (job.error?.code ?? "job_cancelled") as ErrorCode,
            job.error?.detail ?? "The run was stopped.",
          );
        const report = reindexReportSchema.parse(job.result);
        if (options.json) context.terminal.printJson(report);
        else context.terminal.print(describeReport(report));
        if (report.problems.length > 0) context.exitWith(1);
      }),
    );
}

async function waitForJob(context: CommandContext, door: Door, started: JobState): Promise<JobState> {
  const bar = context.terminal.bar("reindex");
  let job = started;
  while (job.endedAt === null) {
    await pause(POLL_MS, undefined, { signal: context.signal });
    job = await door.job(job.id);
    bar.update(job.progress.done, job.progress.total, job.progress.note ?? "");
  }
  bar.end();
  return job;
}

function describeReport(report: ReindexReport): string {
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const { documentsAdded, documentsChanged, documentsRemoved, documentsRetried, documentsFailed } = report;
  const healed = report.indexes.filter((index) => index.healed).length;
  return [
    `folders read: ${report.foldersRead}; documents: ${documentsAdded} added, ${documentsChanged} changed, ${documentsRemoved} removed, ${documentsRetried} tried again, ${documentsFailed} failed`,
    `removed for good: ${report.purgedRows} rows, ${report.purgedBlobs} originals`,
    `indexes: ${report.indexes.length} verified and compacted, ${healed} healed`,
    `database: ${megabytes(report.bytesBefore)} → ${megabytes(report.bytesAfter)}`,
    ...report.problems.map((problem) => `problem: ${problem}`),
  ].join("\n");
}
