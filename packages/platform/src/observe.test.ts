import { describe, expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import type { Embedder, Job, JobContext } from "@lorekeep/core";
import { overlapReader, recordingLogger } from "@lorekeep/core/testing";
import { observeEmbedder, observeHandler, observeReader, withRetry } from "./observe.ts";
import { openMetrics } from "./open-metrics.ts";
import { fakeModels } from "./testing/fake-models.ts";

const busy = new AppError("model_busy", "Busy.");

describe("withRetry", () => {
  test("tries again when the table says that it may help, and gives up after that", async () => {
    let calls = 0;
    const flaky = async (): Promise<string> => {
      calls += 1;
      if (calls < 3) throw busy;
      return "done";
    };
    expect(await withRetry(flaky, { backoffMs: [0, 0] })).toBe("done");
    calls = -10;
    await expect(withRetry(flaky, { backoffMs: [0, 0] })).rejects.toMatchObject({ code: "model_busy" });
    expect(calls).toBe(-7);
  });

  test.each(["request_invalid", "model_missing", "unexpected"] as const)("does not try %s again", async (code) => {
    let calls = 0;
    const failing = async (): Promise<never> => {
      calls += 1;
      throw new AppError(code, "No.");
    };
    await expect(withRetry(failing, { backoffMs: [0] })).rejects.toMatchObject({ code });
    expect(calls).toBe(1);
  });

  test("stops waiting when its caller has gone", async () => {
    const controller = new AbortController();
    let calls = 0;
    const failing = async (): Promise<never> => {
      calls += 1;
      controller.abort();
      throw busy;
    };
    await expect(withRetry(failing, { signal: controller.signal, backoffMs: [60_000] })).rejects.toMatchObject({
      code: "model_busy",
    });
    expect(calls).toBe(1);
  });
});

describe("observing", () => {
  test("a reader is timed, its early stop passed on, and its texts are not seen", async () => {
    const metrics = openMetrics();
    const reader = observeReader(overlapReader(), { metrics, logger: recordingLogger() });
    expect(await reader.read("topsecret?", ["topsecret", "other"], { enough: 0 })).toHaveLength(1);
    const text = await metrics.render({ documents: {} });
    expect(text).toContain('port="reader",call="read"');
    expect(text).not.toContain("topsecret");
  });

  test("counts embedded texts and errors, and never sees into them", async () => {
    const metrics = openMetrics();
    const logger = recordingLogger();
    const models = fakeModels();
    const embedder = observeEmbedder(await models.embedder("m"), { metrics, logger });
    await embedder.embed(["topsecret one", "topsecret two"], { kind: "passage" });
    models.failWith = new AppError("model_invalid", "No.");
    await expect(embedder.embed(["topsecret"], { kind: "query" })).rejects.toMatchObject({ code: "model_invalid" });
    const text = await metrics.render({ documents: { ready: 3 } });
    expect(text).toContain('lorekeep_embedded_texts_total{kind="passage"} 2');
    expect(text).toContain('lorekeep_port_errors_total{port="embedder",call="query",code="model_invalid"} 1');
    expect(text).toContain('lorekeep_count{kind="documents",state="ready"} 3');
    expect(text).toMatch(/lorekeep_resident_memory_bytes \d{7,}/);
    expect(text).toContain("lorekeep_event_loop_lag_seconds");
    expect(text + JSON.stringify(logger.lines)).not.toContain("topsecret");
    metrics.close();
  });

  test("vectors of tokens pass through where an embedder gives them, and are missing where it does not", async () => {
    const metrics = openMetrics();
    const observer = { metrics, logger: recordingLogger() };
    const plain = await fakeModels().embedder("m");
    expect(observeEmbedder({ ...plain, embedTokens: undefined }, observer).embedTokens).toBeUndefined();
    const given = [{ spans: [[0, 1]] as const, vectors: Float32Array.of(1), whole: Float32Array.of(1) }];
    const asked: unknown[] = [];
    const embedTokens: NonNullable<Embedder["embedTokens"]> = async (texts, { kind }) => {
      asked.push([texts, kind]);
      return given;
    };
    const seen = observeEmbedder({ ...plain, embedTokens }, observer);
    expect(await seen.embedTokens!(["a"], { kind: "query" })).toBe(given);
    expect(asked).toEqual([[["a"], "query"]]);
    expect(await metrics.render({ documents: {} })).toContain(
      'lorekeep_port_call_seconds_count{port="embedder",call="tokens"} 1',
    );
    metrics.close();
  });

  test("logs each run of a job once, with its id", async () => {
    const metrics = openMetrics();
    const logger = recordingLogger();
    const context = {
      job: { id: "job_1", attempt: 1 } as Job, // only these are read
      signal: new AbortController().signal,
      progress: async () => undefined,
    } satisfies JobContext;
    const failing = observeHandler("reindex", async () => Promise.reject(busy), { metrics, logger });
    await expect(failing({}, context)).rejects.toBe(busy);
    const working = observeHandler("reindex", async () => 7, { metrics, logger });
    expect(await working({}, context)).toBe(7);
    expect(logger.lines.map(({ event, fields }) => [event, fields.jobId, fields.kind])).toEqual([
      ["job.failed", "job_1", "reindex"],
      ["job.succeeded", "job_1", "reindex"],
    ]);
    expect(await metrics.render({ documents: {} })).toContain(
      'lorekeep_jobs_ended_total{kind="reindex",outcome="failed"} 1',
    );
    metrics.close();
  });
});
