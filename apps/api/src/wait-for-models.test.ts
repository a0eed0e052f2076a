import { expect, test } from "vitest";
import type { ModelStatus } from "@lorekeep/core";
import { describeMissing, describeProgress, waitForModels } from "./wait-for-models.ts";

const model: ModelStatus = {
  name: "e5",
  role: "embedder",
  state: "downloading",
  inUse: true,
  licence: "MIT",
  languages: "all",
  sizeBytes: 100,
  progress: null,
  detail: null,
};

test("progress says what, how much, how fast and how long still, and what comes after", () => {
  const progress = { doneBytes: 20_000_000, totalBytes: 120_000_000, bytesPerSecond: 4_000_000 };
  const say = (changes: Partial<ModelStatus>) => describeProgress({ ...model, ...changes });
  expect(say({ progress })).toBe("Fetching e5: 20.0 MB of 120.0 MB, 4.0 MB/s, 25 s left");
  expect(say({ progress: { ...progress, totalBytes: null, bytesPerSecond: 0 } })).toBe("Fetching e5: 20.0 MB of ?");
  expect(say({ progress: { ...progress, doneBytes: 120_000_000 } })).toBe("Fetched e5: checking and preparing it");
  expect(say({ state: "loading" })).toBe("Loading e5");
});

test("waits until the house is ready, and says which model stays away and what that means", async () => {
  let asked = 0;
  const told: string[] = [];
  const platform = {
    operations: { readiness: async () => ({ ready: (asked += 1) > 1, checks: {} }) },
    models: { list: async () => [{ ...model, state: asked > 1 ? ("missing" as const) : ("loading" as const) }] },
  } as never;
  const signal = new AbortController().signal;
  expect(await waitForModels(platform, { tell: (text) => told.push(text), signal })).toBe(true);
  expect(told).toEqual(["Loading e5", describeMissing({ ...model, state: "missing" })]);
  expect(await waitForModels(platform, { tell: () => undefined, signal: AbortSignal.abort() })).toBe(false);
});
