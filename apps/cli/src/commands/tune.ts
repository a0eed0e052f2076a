/** Fine-tuning from the terminal: start, watch, switch, take along. The work itself is in run-fine-tune.ts. */
import { AppError, MEMORY_MODES, TARGETS, type Adapter, type FineTune } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { describeFineTune, describePlaces } from "../describe-fine-tune.ts";
import {
  followAndReport,
  runFineTune,
  runFromFeedback,
  type FeedbackOptions,
  type TuneOptions,
  type TuneRun,
} from "../run-fine-tune.ts";
import { tableOf } from "../terminal.ts";
import { withTuning } from "../with-tuning.ts";
import { addTuneFiles } from "./tune-files.ts";

const EXAMPLES = `
Examples:
  lorekeep tune questions.jsonl --collection Library      lines of {"question", "answer"}
  lorekeep tune draft --collection Library --name drafts  examples from the documents; look through them in the web app
  lorekeep tune drafts --preset thorough --activate
  lorekeep tune feedback --collection Library             what people rated and corrected in the chat
  lorekeep tune run --help                                every option of the recipe`;

export function addTune(program: Command, context: CommandContext): void {
  const tune = program
    .command("tune")
    .description("teach the model with your own examples")
    .addHelpText("after", EXAMPLES);
  addRun(tune, context);
  addFeedback(tune, context);
  addSteering(tune, context);
  addLists(tune, context);
  addSwitches(tune, context);
  addTuneFiles(tune, context);
}

function addRun(tune: Command, context: CommandContext): void {
  tune
    .command("run", { isDefault: true })
    .description("train an adapter (the word `run` may be left out)")
    .argument("<data>", "dataset (id or name), or a file of JSON lines that becomes one")
    .option("-c, --collection <name>", "where passages are looked up, and with --activate where it answers")
    .option("--name <name>", "of the fine-tune, and of a dataset made of a file")
    .option("--base <model>", "catalogue name or GGUF file (default: the generator in use)")
    .option("--preset <preset>", "quick (one epoch) or thorough (three)")
    .option("--method <method>", "supervised, or preference (chosen and rejected answers)")
    .option("--rank <number>")
    .option("--alpha <number>")
    .option("--targets <name...>", TARGETS.join(", "))
    .option("--learning-rate <number>")
    .option("--epochs <number>")
    .option("--max-tokens <number>", "longest example")
    .option("--batch-tokens <number>")
    .option("--memory <mode>", MEMORY_MODES.join(", "))
    .option("--seed <number>")
    .option("--activate", "switch it on when it passes the gate")
    .option("--dry-run", "only say what it would take")
    .option("--no-wait", "start it and leave it to the server")
    .option("--json", "print one JSON object")
    .action((data: string, options: TuneOptions) =>
      withTuning(context, { work: options.wait && options.dryRun !== true }, (run) => runFineTune(run, data, options)),
    );
}

function addFeedback(tune: Command, context: CommandContext): void {
  tune
    .command("feedback")
    .description("train on what people said about a collection's answers: ratings and corrections")
    .requiredOption("-c, --collection <name>", "id or name; with --activate also where it answers")
    .option("--dataset <name>", "which takes the feedback in (default: the collection's newest one, else a new one)")
    .option("--preset <preset>", "quick (one epoch) or thorough (three)")
    .option("--activate", "switch it on when it passes the gate")
    .option("--no-wait", "start it and leave it to the server")
    .option("--json", "print one JSON object")
    .action((options: FeedbackOptions) =>
      withTuning(context, { work: options.wait }, (run) => runFromFeedback(run, options)),
    );
}

/** A fine-tune that is there: go on, stop, look. */
function addSteering(tune: Command, context: CommandContext): void {
  const { terminal } = context;
  tune
    .command("show")
    .description("one fine-tune: loss, speed, gate report")
    .argument("<id>", "as in `tune list`")
    .option("--json", "print one JSON object")
    .action((id: string, options: { json?: boolean }) =>
      withTuning(context, { work: false }, async ({ tuning }) => {
        const fineTune = await tuning.fineTune(id);
        if (options.json) terminal.printJson(fineTune);
        else describeFineTune(fineTune).forEach(terminal.print);
      }),
    );
  tune
    .command("resume")
    .description("go on with a paused fine-tune from its last checkpoint")
    .argument("<id>", "as in `tune list`")
    .option("--activate", "switch it on when it passes the gate")
    .option("-c, --collection <name>", "with --activate: where it answers")
    .option("--json", "print one JSON object")
    .action((id: string, options: { activate?: boolean; collection?: string; json?: boolean }) =>
      withTuning(context, { work: true }, async (run) => followAndReport(run, await run.tuning.resume(id), options)),
    );
  for (const [verb, description] of [
    ["pause", "stop a fine-tune at its next checkpoint"],
    ["cancel", "stop a fine-tune for good"],
  ] as const)
    tune
      .command(verb)
      .description(description)
      .argument("<id>", "as in `tune list`")
      .action((id: string) =>
        withTuning(context, { work: false }, async ({ tuning }) => {
          const { status, step, steps } = await tuning[verb](id);
          terminal.print(`${id} is ${status} at step ${step} of ${steps}.`);
        }),
      );
}

function addLists(tune: Command, context: CommandContext): void {
  const list = <Item>(
    name: string,
    description: string,
    read: (run: TuneRun) => Promise<readonly Item[]>,
    head: readonly string[],
    row: (item: Item) => readonly string[],
  ) =>
    tune
      .command(name)
      .description(description)
      .option("--json", "print one JSON object")
      .action((options: { json?: boolean }) =>
        withTuning(context, { work: false }, async (run) => {
          const items = await read(run);
          if (options.json) context.terminal.printJson({ items });
          else context.terminal.print(tableOf(head, items.map(row)));
        }),
      );
  const fineTuneHead = ["id", "name", "dataset", "base", "status", "step", "loss", "adapter"];
  list("list", "fine-tunes, newest first", ({ tuning }) => tuning.fineTunes(), fineTuneHead, fineTuneRow);
  const adapterHead = ["id", "name", "base", "from", "rank", "size", "gate", "answers"];
  list("adapters", "what was learnt, and where it answers", ({ tuning }) => tuning.adapters(), adapterHead, adapterRow);
  list(
    "datasets",
    "questions with their answers",
    ({ tuning }) => tuning.datasets(),
    ["id", "name", "examples", "approved", "pending", "new"],
    ({ id, name, exampleCount, counts, newSinceLastFineTune }) => [
      id,
      name,
      ...[exampleCount, counts.approved, counts.pending, newSinceLastFineTune].map(String),
    ],
  );
}

const fineTuneRow = ({ id, name, datasetName, base, status, step, steps, loss, adapterId }: FineTune): string[] => [
  id,
  name,
  datasetName,
  base,
  status,
  `${step}/${steps}`,
  loss.at(-1)?.loss.toFixed(3) ?? "–",
  adapterId ?? "–",
];

const adapterRow = (adapter: Adapter): string[] => [
  adapter.id,
  `${adapter.name} v${adapter.version}`,
  adapter.base,
  adapter.origin,
  String(adapter.rank),
  `${(adapter.sizeBytes / 1e6).toFixed(1)} MB`,
  adapter.passed ? "passed" : "not passed",
  describePlaces(adapter),
];

/** Throws request_invalid. */
function parseScale(text: string): number {
  const scale = Number(text);
  if (!(scale >= 0 && scale <= 2)) throw new AppError("request_invalid", "scale: give a number from 0 to 2.");
  return scale;
}

function addSwitches(tune: Command, context: CommandContext): void {
  const { terminal } = context;
  tune
    .command("activate")
    .description("switch an adapter on, everywhere or for some collections")
    .argument("<id>", "as in `tune adapters`")
    .option("-c, --collection <name...>", "only for these collections (id or name)")
    .option("--scale <number>", "0 = none of it, 1 = as trained, up to 2", "1")
    .option("--force", "in spite of the gate")
    .action((id: string, options: { collection?: string[]; scale: string; force?: boolean }) =>
      withTuning(context, { work: false }, async ({ tuning }) => {
        const places = options.collection === undefined ? {} : { collections: options.collection };
        const request = { ...places, scale: parseScale(options.scale), force: options.force === true };
        terminal.print(`${id}: ${describePlaces(await tuning.activate(id, request))}`);
      }),
    );
  tune
    .command("deactivate")
    .description("switch an adapter off, everywhere or for some collections")
    .argument("<id>", "as in `tune adapters`")
    .option("-c, --collection <name...>", "only for these collections (id or name)")
    .action((id: string, options: { collection?: string[] }) =>
      withTuning(context, { work: false }, async ({ tuning }) =>
        terminal.print(`${id}: ${describePlaces(await tuning.deactivate(id, options.collection))}`),
      ),
    );
  tune
    .command("rollback")
    .description("put back what answered before the last switch")
    .option("-c, --collection <name>", "of this collection (default: everywhere)")
    .action((options: { collection?: string }) =>
      withTuning(context, { work: false }, async ({ tuning }) => {
        const { adapterId, collectionId } = await tuning.rollback(options.collection);
        const where = collectionId === "*" ? "everywhere" : `in ${collectionId}`;
        terminal.print(`${adapterId ?? "The bare model"} answers ${where}.`);
      }),
    );
}
