import type { CollectionResponse, DocumentResponse } from "@lorekeep/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { changesOf, draftOf, rebuilds } from "./collection-draft.ts";
import { readPlan, timeZones, writeCron } from "./cron.ts";
import { progressOf } from "./stage-progress.ts";

test("reads the presets out of cron", () => {
  expect(readPlan("0 2 * * *")).toMatchObject({ preset: "daily", time: "02:00" });
  expect(readPlan("30  4 * * 1-5")).toMatchObject({ preset: "weekdays", time: "04:30" });
  expect(readPlan("5 23 * * 0")).toMatchObject({ preset: "weekly", time: "23:05", weekday: 0 });
});

test.each(["*/5 * * * *", "0 2 1 * *", "61 2 * * *", "0 24 * * *", "0 2 * * 7", "nonsense", ""])(
  "keeps %j as custom, unchanged",
  (cron) => {
    expect(readPlan(cron).preset).toBe("custom");
    expect(writeCron(readPlan(cron))).toBe(cron);
  },
);

test("writes back what it read", () => {
  fc.assert(
    fc.property(fc.nat(59), fc.nat(23), fc.constantFrom("*", "1-5", "0", "3", "6"), (minute, hour, days) => {
      const cron = `${minute} ${hour} * * ${days}`;
      expect(writeCron(readPlan(cron))).toBe(cron);
    }),
  );
});

test("always offers UTC and the zone in use", () => {
  expect(timeZones("Mars/Olympus")).toEqual(expect.arrayContaining(["UTC", "Mars/Olympus", "Asia/Shanghai"]));
});

const collection: CollectionResponse = {
  id: "col_1",
  name: "Sea",
  description: "",
  language: "auto",
  embedder: "e5",
  chunking: { maxTokens: 200, overlapTokens: 32 },
  retrieval: { passageCount: 6, denseWeight: 0.5, refusalThreshold: 0.5 },
  generationId: "gen_1",
  nextGenerationId: null,
  documentCount: 3,
  chunkCount: 9,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
};

test("sends only what was changed", () => {
  const draft = draftOf(collection);
  expect(changesOf(collection, draft)).toEqual({});
  expect(changesOf(collection, { ...draft, refusalThreshold: 0.7 })).toEqual({
    retrieval: { passageCount: 6, denseWeight: 0.5, refusalThreshold: 0.7 },
  });
});

test("warns of a rebuild only when there is something to rebuild", () => {
  const draft = { ...draftOf(collection), maxTokens: "300" };
  expect(rebuilds(collection, draft)).toBe(true);
  expect(rebuilds({ ...collection, documentCount: 0 }, draft)).toBe(false);
  expect(rebuilds(collection, { ...draftOf(collection), name: "Ocean" })).toBe(false);
});

const stage = (name: "parse" | "chunk" | "embed", durationMs: number | null, done = 1, total: number | null = 1) => ({
  name,
  startedAt: "2026-01-01T00:00:00Z",
  durationMs,
  done,
  total,
});
const document = (status: DocumentResponse["status"], stages: DocumentResponse["stages"]) => ({ status, stages });

test("progress grows with the stages and never passes one", () => {
  const parsed = progressOf(document("processing", [stage("parse", 10), stage("chunk", null, 0, null)]));
  const half = progressOf(document("processing", [stage("parse", 10), stage("chunk", 5), stage("embed", null, 5, 10)]));
  expect(parsed).toMatchObject({ stage: "chunk" });
  expect(half.stage).toBe("embed");
  expect(half.value!).toBeGreaterThan(parsed.value!);
  expect(progressOf(document("processing", [stage("embed", null, 30, 10)])).value).toBeLessThanOrEqual(1);
});

test("a waiting document has no share yet, a ready one has all", () => {
  expect(progressOf(document("queued", []))).toEqual({ stage: null, value: null });
  expect(progressOf(document("ready", []))).toEqual({ stage: null, value: 1 });
});
