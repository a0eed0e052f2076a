/** Passages for a query, best first. */
import type { SearchRequest } from "@lorekeep/core";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { withDoor } from "../open-door.ts";

interface SearchOptions {
  readonly collection?: string[];
  readonly limit: number;
  readonly mode: NonNullable<SearchRequest["mode"]>;
  readonly json?: boolean;
}

const MODES = ["hybrid", "dense", "lexical"] as const;
const SHOWN_LENGTH = 300;

function parseMode(text: string): NonNullable<SearchRequest["mode"]> {
  const mode = MODES.find((each) => each === text);
  if (mode === undefined) throw new InvalidArgumentError(`Choose one of ${MODES.join(", ")}.`);
  return mode;
}

export function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new InvalidArgumentError("Give a number from 1 to 100.");
  return limit;
}

export function addSearch(program: Command, context: CommandContext): void {
  program
    .command("search")
    .description("find passages")
    .argument("<query...>", "what to look for")
    .option("-c, --collection <name...>", "only in these collections (id or name)")
    .option("-n, --limit <number>", "how many", parseLimit, 10)
    .option("-m, --mode <mode>", MODES.join(", "), parseMode, "hybrid")
    .option("--json", "print one JSON object")
    .action((words: string[], options: SearchOptions) =>
      withDoor(context.config(), context.terminal, { work: false }, async (door) => {
        const { terminal } = context;
        const { collection, limit, mode } = options;
        const request = { query: words.join(" "), limit, mode, ...(collection ? { collections: collection } : {}) };
        const response = await door.search(request);
        if (options.json) return terminal.printJson(response);
        for (const [position, result] of response.results.entries()) {
          const page = result.page === null ? "" : `, page ${result.page}`;
          terminal.print(`${position + 1}. ${result.documentName}${page}  (${result.score.toFixed(3)})`);
          const text = result.text.replace(/\s+/g, " ").trim();
          terminal.print(`   ${text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text}`);
        }
        if (response.results.length === 0) terminal.print("Nothing found.");
      }),
    );
}
