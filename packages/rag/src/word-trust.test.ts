import { expect, test } from "vitest";
import type { GenerationId } from "@lorekeep/core";
import { trustInWords } from "./word-trust.ts";

const generations = ["gen_1" as GenerationId];
const knowing = (...known: string[]) => ({
  termStatistics: async (_: readonly GenerationId[], keys: readonly string[]) => ({
    documentCount: 100,
    frequencies: new Map(keys.map((key) => [key, known.includes(key) ? (key === "debian" ? 90 : 1) : 0])),
  }),
});

test("words are trusted in full when half of them are known, and less the fewer there are", async () => {
  const trust = (known: string[], query: string) => trustInWords(query, generations, knowing(...known));
  expect(await trust(["kestrel", "kernel"], "Kestrel kernel pump zebra")).toBeGreaterThan(0.9);
  expect(await trust(["kestrel"], "Kestrel zebra quagga okapi")).toBeCloseTo(0.45, 1);
  expect(await trust(["kestrel", "kernel", "pump"], "Kestrel kernel pump zebra")).toBe(1);
  expect(await trust([], "zebra quagga")).toBe(0);
  // A name that nearly every passage holds tells next to nothing.
  const foreign = await trust(["debian"], "怎样才能报告 Debian 的错误？");
  expect(foreign).toBeGreaterThan(0);
  expect(foreign).toBeLessThan(0.1);
});

test("where nothing can be counted they are trusted", async () => {
  expect(await trustInWords("zebra", generations, {})).toBe(1);
  expect(await trustInWords("?", generations, knowing())).toBe(1);
  expect(await trustInWords("zebra", [], knowing())).toBe(1);
});
