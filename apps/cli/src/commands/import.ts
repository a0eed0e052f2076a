/**
 * Files and folders → documents. Bytes that are there already cost nothing; a changed file becomes a new version. With
 * `--watch` the folders are looked at again every few seconds until Ctrl-C: added, changed and removed files follow.
 */
import { setTimeout as pause } from "node:timers/promises";
import { AppError } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { Door } from "../door.ts";
import { findFiles } from "../find-files.ts";
import type { FoundFile } from "../find-files.ts";
import { withDoor } from "../open-door.ts";

interface ImportOptions {
  readonly collection?: string;
  readonly watch?: boolean;
  readonly wait: boolean;
  readonly json?: boolean;
}

interface ImportedItem {
  readonly path: string;
  readonly id: string | null;
  status: string;
  readonly duplicate: boolean;
  readonly replaced: boolean;
  error: { code: string; detail: string } | null;
}

const POLL_MS = 300;
const WATCH_MS = 2_000;

export function addImport(program: Command, context: CommandContext): void {
  program
    .command("import")
    .description("import files and folders")
    .argument("<path...>", "files and folders")
    .option("-c, --collection <name>", "id or name of the collection (default: Library)")
    .option("-w, --watch", "go on and follow changes until Ctrl-C")
    .option("--no-wait", "do not wait until the documents can be found")
    .option("--json", "print one JSON object")
    .action((paths: string[], options: ImportOptions) =>
      withDoor(context.config(), context.terminal, { work: true }, (door) => runImport(context, door, paths, options)),
    );
}

async function runImport(context: CommandContext, door: Door, paths: string[], options: ImportOptions): Promise<void> {
  const files = await findFiles(paths);
  const items = await importAll(context, door, files, options);
  if (options.wait) await waitForAll(context, door, items);
  report(context, items, options);
  if (options.watch) await watch(context, door, paths, { options, files, items });
}

async function importAll(
  context: CommandContext,
  door: Door,
  files: readonly FoundFile[],
  options: ImportOptions,
): Promise<ImportedItem[]> {
  const bar = context.terminal.bar("import");
  const items: ImportedItem[] = [];
  for (const file of files) {
    context.signal.throwIfAborted();
    items.push(await importOne(door, file, options.collection));
    bar.update(items.length, files.length);
  }
  bar.end();
  return items;
}

/** A refused file is one item with an error: the others go on (C4). */
async function importOne(door: Door, file: FoundFile, collection: string | undefined): Promise<ImportedItem> {
  const { path } = file;
  try {
    return { path, ...(await door.importFile({ ...file, collection })), error: null };
  } catch (error) {
    const isOfTheFile = codeOf(error) !== null && ["request_too_large", "document_too_large"].includes(codeOf(error)!);
    if (!isOfTheFile || !(error instanceof Error)) throw error;
    const known = { code: codeOf(error)!, detail: error.message };
    return { path, id: null, status: "failed", duplicate: false, replaced: false, error: known };
  }
}

const codeOf = (error: unknown): string | null =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;

async function waitForAll(context: CommandContext, door: Door, items: readonly ImportedItem[]): Promise<void> {
  const bar = context.terminal.bar("index ");
  const waiting = new Set(items.filter(({ id, status }) => id !== null && status !== "ready" && status !== "failed"));
  const total = waiting.size;
  while (waiting.size > 0) {
    for (const item of waiting) {
      context.signal.throwIfAborted();
      const state = await door.document(item.id!);
      item.status = state.status;
      item.error = state.error;
      if (state.status !== "ready" && state.status !== "failed") break; // they are done in order, more or less
      waiting.delete(item);
    }
    bar.update(total - waiting.size, total);
    if (waiting.size > 0) await pause(POLL_MS, undefined, { signal: context.signal });
  }
  bar.end();
}

function report(context: CommandContext, items: readonly ImportedItem[], options: ImportOptions): void {
  const { terminal } = context;
  const failed = items.filter(({ status }) => status === "failed");
  if (failed.length > 0) context.exitWith(1);
  if (options.json) return terminal.printJson({ items });
  for (const { path, error } of failed) terminal.say(`${path}: ${error?.detail ?? "failed"}`);
  const count = (check: (item: ImportedItem) => boolean): number => items.filter(check).length;
  const [duplicates, replaced] = [count((item) => item.duplicate), count((item) => item.replaced)];
  const fresh = items.length - duplicates - replaced - failed.length;
  terminal.print(`${fresh} new, ${replaced} new versions, ${duplicates} there already, ${failed.length} failed.`);
}

async function watch(
  context: CommandContext,
  door: Door,
  paths: string[],
  start: { options: ImportOptions; files: readonly FoundFile[]; items: readonly ImportedItem[] },
): Promise<void> {
  const { terminal, signal } = context;
  const known = new Map(start.files.map((file, position) => [file.path, { file, id: start.items[position]!.id }]));
  terminal.say("Watching for changes; Ctrl-C ends it.");
  while (!signal.aborted) {
    await pause(WATCH_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    const now = await findFiles(paths).catch(explainAndGoOn(context));
    if (now === null) continue;
    for (const file of now) {
      const before = known.get(file.path)?.file;
      if (before?.mtimeMs === file.mtimeMs && before.sizeBytes === file.sizeBytes) continue;
      const item = await importOne(door, file, start.options.collection);
      known.set(file.path, { file, id: item.id });
      if (!item.duplicate) terminal.say(`${before ? "changed" : "added"}: ${file.path}`);
    }
    const present = new Set(now.map((file) => file.path));
    for (const [path, { id }] of known) {
      if (present.has(path)) continue;
      known.delete(path);
      if (id !== null) await door.deleteDocument(id);
      terminal.say(`removed: ${path}`);
    }
  }
}

/** A watched path that is away for a moment removes nothing. */
function explainAndGoOn(context: CommandContext): (error: unknown) => null {
  return (error) => {
    if (!(error instanceof AppError)) throw error;
    context.terminal.say(error.message);
    return null;
  };
}
