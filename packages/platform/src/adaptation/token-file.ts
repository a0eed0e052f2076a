/**
 * The tokens of a run, kept so that a resumed run learns from the very same ones: a line of JSON for each example, because
 * thousands of examples in one piece would hold the main thread for seconds. Written whole, or not there.
 */
import { createReadStream } from "node:fs";
import { open, rename } from "node:fs/promises";
import { createInterface } from "node:readline";
import { yieldToOthers } from "../wake-ups.ts";
import type { TokenExample, TokenSets } from "./trainer.ts";

type Line = ["train" | "validation", TokenExample] | ["dropped", number];
/** Examples written at once. */
const SLICE = 100;

export async function writeTokens(path: string, tokens: TokenSets): Promise<void> {
  const lines: Line[] = [
    ["dropped", tokens.droppedCount],
    ...tokens.train.map((example): Line => ["train", example]),
    ...tokens.validation.map((example): Line => ["validation", example]),
  ];
  const file = await open(`${path}.partial`, "w", 0o600);
  try {
    for (let from = 0; from < lines.length; from += SLICE) {
      const text = lines.slice(from, from + SLICE).map((line) => `${JSON.stringify(line)}\n`);
      await file.writeFile(text.join(""));
    }
  } finally {
    await file.close();
  }
  await rename(`${path}.partial`, path);
}

/** Null when there are none. */
export async function readTokens(path: string): Promise<TokenSets | null> {
  const sets = { train: [] as TokenExample[], validation: [] as TokenExample[] };
  let [droppedCount, count] = [0, 0];
  const input = createReadStream(path);
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      const line = JSON.parse(text) as Line; // as writeTokens wrote it
      if (line[0] === "dropped") droppedCount = line[1];
      else sets[line[0]].push(line[1]);
      if (++count % SLICE === 0) await yieldToOthers();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  return { ...sets, droppedCount };
}
