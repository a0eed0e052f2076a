import { AppError } from "@lorekeep/core";
import { describe, expect, test } from "vitest";
import { JOB_KINDS } from "./kinds.ts";
import { backoffMs, kindOf, parsePayload, verdict } from "./retry.ts";

describe("backoff", () => {
  test("doubles with every attempt and is spread by a fifth both ways", () => {
    const kind = { backoffMs: 1_000 };
    expect([1, 2, 3, 4].map((attempt) => backoffMs(kind, attempt, () => 0.5))).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(backoffMs(kind, 1, () => 0)).toBe(800);
    expect(backoffMs(kind, 1, () => 1)).toBe(1_200);
  });

  test("never exceeds an hour and a fifth", () => {
    expect(backoffMs({ backoffMs: 60_000 }, 40, () => 1)).toBe(4_320_000);
  });
});

test("C2 the verdict is retry while attempts are left, dead when they are used up, failed when retrying is useless", () => {
  const busy = new AppError("model_busy", "Busy.");
  expect(verdict(busy, 2, 3)).toBe("retry");
  expect(verdict(busy, 3, 3)).toBe("dead");
  expect(verdict(new AppError("document_corrupt", "Broken."), 1, 3)).toBe("failed");
});

describe("kinds", () => {
  test("every kind is bounded in attempts, time and concurrency", () => {
    for (const kind of Object.values(JOB_KINDS)) {
      for (const bound of [kind.maxAttempts, kind.backoffMs, kind.timeoutMs, kind.concurrency]) {
        expect(Number.isInteger(bound) && bound > 0).toBe(true);
      }
    }
  });

  test.each([
    ["ingest-document", { documentId: "doc_1" }],
    ["ingest-document", { documentId: "doc_1", generationId: "gen_1" }],
    ["delete-purge", {}],
    ["build-generation", { collectionId: "col_1", generationId: "gen_1" }],
    ["reindex", { trigger: "manual", dueAt: "2026-01-01T00:00:00.000Z" }],
  ])("%s takes %j as it is", (name, payload) => {
    expect(parsePayload(kindOf(JOB_KINDS, name), name, payload)).toEqual(payload);
  });

  test.each([
    ["ingest-document", {}],
    ["ingest-document", { documentId: 7 }],
    ["ingest-document", { documentId: "doc_1", path: "/etc/passwd" }],
    ["delete-purge", null],
    ["reindex", { trigger: "nightly", dueAt: "2026-01-01T00:00:00.000Z" }],
    ["reindex", { trigger: "manual", dueAt: "tomorrow" }],
  ])("%s refuses %j", (name, payload) => {
    expect(() => parsePayload(kindOf(JOB_KINDS, name), name, payload)).toThrow(AppError);
  });
});
