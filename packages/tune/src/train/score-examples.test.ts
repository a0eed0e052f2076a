import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { scoreExamples } from "./score-examples.ts";
import { toyRun } from "./testing/toy-run.ts";
import { train } from "./trainer.ts";

/** Real threads: fractions of a second on an idle machine, far longer on one that trains beside. */
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "score-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("scores sum up to the validation loss of the same parameters, and zeros stand for missing ones", async () => {
  const options = await toyRun(folder, { recipe: { epochs: 1 } });
  const { parameters, validationSeries } = await train(options);
  const done: number[] = [];
  const scored = { ...options, examples: options.validation, onProgress: (count: number) => done.push(count) };
  const scores = await scoreExamples({ ...scored, parameters });
  const mean = scores.reduce((sum, { loss }) => sum + loss, 0) / scores.reduce((sum, { terms }) => sum + terms, 0);
  expect(mean).toBeCloseTo(Math.min(...validationSeries.map(({ loss }) => loss)), 5);
  expect(done).toEqual(scores.map((_, i) => i + 1));
  const bare = await scoreExamples({ ...scored, parameters: new Map() });
  expect(bare[0]!.loss).toBeCloseTo(
    options.validation[0]!.y.reduce((sum, y) => sum + y * y, 0),
    5,
  );
});

test("stops with aborted, before and on the way", async () => {
  const { onProgress: _, ...run } = await toyRun(folder);
  const options = { ...run, parameters: new Map<string, Float32Array>() };
  await expect(scoreExamples({ ...options, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  const stop = new AbortController();
  const running = scoreExamples({ ...options, signal: stop.signal });
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: "aborted" });
});
