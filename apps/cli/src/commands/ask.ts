/** One question, answered with citations; the checked answer is printed, not the first draft. */
import type { ChatEvent } from "@lorekeep/core";
import { AppError } from "@lorekeep/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import type { Door } from "../door.ts";
import { withDoor } from "../open-door.ts";
import type { Terminal } from "../terminal.ts";

export function addAsk(program: Command, context: CommandContext): void {
  program
    .command("ask")
    .description("ask a question and get a cited answer")
    .argument("<question...>", "the question")
    .option("-c, --collection <name...>", "only from these collections (id or name)")
    .option("--json", "print one JSON object")
    .action((words: string[], options: { collection?: string[]; json?: boolean }) =>
      withDoor(context.config(), context.terminal, { work: false }, async (door) => {
        const events = await ask(context, door, words.join(" "), options.collection);
        if (options.json) context.terminal.printJson(describeAnswer(events));
        else printAnswer(context.terminal, events);
      }),
    );
}

async function ask(
  context: CommandContext,
  door: Door,
  question: string,
  collections: string[] | undefined,
): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  const bar = context.terminal.bar("writing");
  let length = 0;
  for await (const event of door.chat({ question, ...(collections ? { collections } : {}) }, context.signal)) {
    events.push(event);
    if (event.type === "text-delta") bar.update((length += event.text.length), null, "characters");
  }
  bar.end();
  const error = find(events, "error");
  // The code is from the closed table: the answer comes from our own server or this process.
  if (error) throw new AppError(error.code as AppError["code"], error.detail);
  return events;
}

const find = <Type extends ChatEvent["type"]>(events: readonly ChatEvent[], type: Type) =>
  events.find((event): event is Extract<ChatEvent, { type: Type }> => event.type === type);

function describeAnswer(events: readonly ChatEvent[]): Record<string, unknown> {
  const [cited, refusal, end] = [find(events, "citations"), find(events, "refusal"), find(events, "end")];
  return {
    conversationId: find(events, "conversation")?.id,
    answer: cited?.text ?? refusal?.text ?? "",
    refused: refusal !== undefined,
    ...(refusal ? { reason: refusal.reason, suggestions: refusal.suggestions } : {}),
    extractive: cited?.extractive ?? false,
    citations: cited?.items ?? [],
    passages: find(events, "passages")?.items ?? [],
    usage: end?.usage,
    timings: end?.timings,
    model: end?.model,
  };
}

function printAnswer(terminal: Terminal, events: readonly ChatEvent[]): void {
  const [cited, refusal] = [find(events, "citations"), find(events, "refusal")];
  if (refusal) {
    terminal.print(refusal.text);
    if (refusal.suggestions.length > 0) terminal.print(`Nearest topics: ${refusal.suggestions.join(" · ")}`);
    return;
  }
  terminal.print(cited?.text ?? "");
  if (cited?.extractive) terminal.say("(quoted sentences, not written by a model)");
  const sources = new Map((cited?.items ?? []).toReversed().map((citation) => [citation.marker, citation]));
  if (sources.size > 0) terminal.print("");
  for (const [marker, { documentName, page, quote }] of [...sources].sort(([left], [right]) => left - right))
    terminal.print(
      `[${marker}] ${documentName}${page === null ? "" : `, page ${page}`}: “${quote.replace(/\s+/g, " ").trim()}”`,
    );
}
