import { expect, test } from "vitest";
import { overlapReader } from "./overlap-reader.ts";
import { describeReader } from "./reader-contract.ts";

describeReader("word overlap", async () => overlapReader());

test("marks the sentence that shares most words, and is less sure where none does", async () => {
  const [good, bad] = await overlapReader().read("How often is the pump serviced?", [
    "Bananas are yellow. The pump is serviced every 400 hours.",
    "Bananas are yellow.",
  ]);
  expect(good?.text).toBe("The pump is serviced every 400 hours.");
  expect(good!.score).toBeGreaterThan(bad!.score);
});

test("remembers what it was asked, and fails when told to", async () => {
  const reader = overlapReader({ failFrom: 1, withRelevance: true });
  expect((await reader.read("pump?", ["pump"]))[0]?.relevance).toBe(5);
  await expect(reader.read("again?", ["pump"])).rejects.toMatchObject({ code: "model_failed" });
  expect(reader.questions).toEqual(["pump?"]);
});
