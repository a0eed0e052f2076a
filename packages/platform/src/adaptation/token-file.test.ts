import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTokens, writeTokens } from "./token-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tokens-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("tokens come back as they were written, rejected answers and counts too", async () => {
  const path = join(folder, "tokens.jsonl");
  expect(await readTokens(path)).toBeNull();
  const train = Array.from({ length: 250 }, (_, at) => ({ prompt: [at, 2], answer: [3], rejected: [4, at] }));
  const tokens = { train, validation: [{ prompt: [9], answer: [8] }], droppedCount: 7 };
  await writeTokens(path, tokens);
  expect(await readTokens(path)).toEqual(tokens);
  expect(readdirSync(folder)).toEqual(["tokens.jsonl"]);
});
