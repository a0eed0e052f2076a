/** Examples drafted from documents, and adapters and datasets as files. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { ADAPTER_FILE_FORMATS, AppError, DATASET_EXPORT_FORMATS, draftExamplesSchema, isId } from "@lorekeep/core";
import type { DraftExamplesRequest } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { Tuning } from "../tuning.ts";
import { waitForJob } from "../wait-for-job.ts";
import { withTuning } from "../with-tuning.ts";

interface DraftOptions {
  readonly collection: string;
  readonly name: string;
  readonly from: string[];
  readonly limit: string;
  readonly json?: boolean;
}

export function addTuneFiles(tune: Command, context: CommandContext): void {
  addDraft(tune, context);
  const { terminal } = context;
  tune
    .command("export")
    .description("write an adapter or a dataset into a file")
    .argument("<id>", "adapter, fine-tune or dataset")
    .option(
      "-f, --format <format>",
      `adapter: ${ADAPTER_FILE_FORMATS.join(", ")}; dataset: ${DATASET_EXPORT_FORMATS.join(", ")}`,
    )
    .requiredOption("-o, --out <file>", "a new file")
    .action((id: string, { format, out }: { format?: string; out: string }) =>
      withTuning(context, { work: false }, async ({ tuning }) => {
        const path = resolve(out);
        if (existsSync(path)) throw new AppError("conflict", `${out} exists already.`);
        const bytes = await exportOf(tuning, id, format);
        await writeFile(path, bytes, { flag: "wx" });
        terminal.print(`${path}: ${bytes.length} bytes.`);
      }),
    );
  tune
    .command("import")
    .description("bring in an adapter trained elsewhere: GGUF, or a zip of PEFT's two files")
    .argument("<file>")
    .option("--name <name>", "default: the file's name")
    .option("--json", "print one JSON object")
    .action((file: string, options: { name?: string; json?: boolean }) =>
      withTuning(context, { work: false }, async ({ tuning }) => {
        const path = resolve(file);
        if (!existsSync(path)) throw new AppError("not_found", `There is no file ${file}.`);
        const adapter = await tuning.importAdapter({ path, name: options.name ?? basename(path, extname(path)) });
        if (options.json) return terminal.printJson(adapter);
        terminal.print(`${adapter.id}: rank ${adapter.rank} for ${adapter.base}.`);
      }),
    );
}

function addDraft(tune: Command, context: CommandContext): void {
  const { terminal } = context;
  tune
    .command("draft")
    .description("make a dataset of a collection's documents, by rule, to look through")
    .requiredOption("-c, --collection <name>", "id or name of the collection")
    .requiredOption("--name <name>", "of the new dataset")
    .option("--from <source...>", "documents, feedback, unanswerable", ["documents", "unanswerable"])
    .option("-n, --limit <number>", "examples at most", "200")
    .option("--json", "print one JSON object")
    .action((options: DraftOptions) =>
      withTuning(context, { work: true }, async ({ tuning }, door) => {
        const request = parseDraft(options);
        const { name, collection } = options;
        const { id } = await tuning.createDataset({ name, collection });
        await waitForJob(context, door, "draft", await tuning.draft(id, request));
        const dataset = await tuning.dataset(id);
        if (options.json) return terminal.printJson(dataset);
        const { counts, exampleCount } = dataset;
        terminal.print(`${id}: ${exampleCount} examples, ${counts.unanswerable} of them without an answer.`);
        terminal.say(`Look through them in the web app (${counts.pending} are pending), then: lorekeep tune ${id}`);
      }),
    );
}

function parseDraft({ from, limit }: DraftOptions): DraftExamplesRequest {
  const parsed = draftExamplesSchema.safeParse({ from: from.flatMap((word) => word.split(",")), limit: Number(limit) });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new AppError("request_invalid", faults.join("; "));
}

/** A fine-tune stands for the adapter that it made. */
export async function exportOf(tuning: Tuning, id: string, format: string | undefined): Promise<Uint8Array> {
  if (isId("dataset", id)) return tuning.exportDataset(id, pick(DATASET_EXPORT_FORMATS, format ?? "jsonl"));
  const adapterFormat = pick(ADAPTER_FILE_FORMATS, format ?? "gguf");
  if (!isId("fineTune", id)) return tuning.exportAdapter(id, adapterFormat);
  const { adapterId, status } = await tuning.fineTune(id);
  if (adapterId === null) throw new AppError("not_found", `This fine-tune is ${status} and has made no adapter.`);
  return tuning.exportAdapter(adapterId, adapterFormat);
}

function pick<Format extends string>(formats: readonly Format[], word: string): Format {
  const format = formats.find((each) => each === word);
  if (format === undefined) throw new AppError("request_invalid", `format: choose one of ${formats.join(", ")}.`);
  return format;
}
