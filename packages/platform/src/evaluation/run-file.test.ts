import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { EvalRun } from "@lorekeep/rag";
import { compareSavedRuns, readRun, saveRun, toSavedRun } from "./run-file.ts";

const arm = (ndcgAt10: number) => ({ ndcgAt10, mrrAt10: ndcgAt10, recallAt10: 1, recallAt100: 1, ms: 1 });
const runOf = (ndcg: readonly number[]): EvalRun => ({
  report: {} as EvalRun["report"],
  questions: ndcg.map((value, at) => ({
    question: { id: `${at}`, question: `q${at}`, answers: [], answerable: true, relevance: new Map([["d", 1]]) },
    arms: { lexical: arm(value), dense: arm(value), hybrid: arm(value) },
    answer: null,
  })),
});

test("L4 a saved run says of a later one whether the difference is real, on the questions of both", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lorekeep-run-"));
  try {
    const file = join(folder, "before.json");
    await saveRun(file, toSavedRun("set", runOf([0.2, 0.3, 0.4, 0.5]), new Date(0)));
    const none = { adaptation: {} as never };
    const before = await readRun(none, file);
    const better = compareSavedRuns(before, toSavedRun("set", runOf([0.5, 0.6, 0.7]), new Date(0)));
    expect(better).toMatchObject({ questionCount: 3, differences: { ndcgAt10: { real: true } } });
    expect(better.differences.ndcgAt10!.mean).toBeCloseTo(0.3, 12);
    const mixed = compareSavedRuns(before, toSavedRun("set", runOf([0.3, 0.2, 0.5, 0.4]), new Date(0)));
    expect(mixed.differences.ndcgAt10!.real).toBe(false);
    writeFileSync(file, "{}");
    await expect(readRun(none, file)).rejects.toMatchObject({ code: "request_invalid" });
    await expect(readRun(none, join(folder, "gone"))).rejects.toMatchObject({ code: "not_found" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
