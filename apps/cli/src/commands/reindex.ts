/** Runs the nightly job now and waits for its report. */
import { reindexReportSchema } from "@lorekeep/core";
import type { ReindexReport } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withDoor } from "../open-door.ts";
import { waitForJob } from "../wait-for-job.ts";

export function addReindex(program: Command, context: CommandContext): void {
  program
    .command("reindex")
    .description("run the nightly job now: watched folders, failed documents, clean-up, verify and compact")
    .option("--json", "print the report as one JSON object")
    .action((options: { json?: boolean }) =>
      withDoor(context.config(), context.terminal, { work: true }, async (door) => {
        const job = await waitForJob(context, door, "reindex", await door.reindex());
        const report = reindexReportSchema.parse(job.result);
        if (options.json) context.terminal.printJson(report);
        else context.terminal.print(describeReport(report));
        if (report.problems.length > 0) context.exitWith(1);
      }),
    );
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
