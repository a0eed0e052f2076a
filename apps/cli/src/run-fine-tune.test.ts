import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recipeSchema } from "@lorekeep/core";
import type { Dataset, FineTune, FineTuneEstimate, Gate } from "@lorekeep/core";
import { exportOf } from "./commands/tune-files.ts";
import { describeEstimate, describeSeconds } from "./describe-fine-tune.ts";
import { parseFineTune, runFineTune, type TuneOptions } from "./run-fine-tune.ts";
import { openTerminal } from "./terminal.ts";
import type { Tuning } from "./tuning.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "lorekeep-tune-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FIGURES = { refusedWrong: 0, citationSupport: 1, tokensPerSecond: 20, generalLoss: 2, generalScore: null };
const GATE: Gate = {
  passed: true,
  verdicts: [{ rule: "F1", passed: true, detail: "wins by 0.30" }],
  base: { loss: 2, f1: 0.1, rougeL: 0.1, refusedRight: null, ...FIGURES },
  adapter: { loss: 1, f1: 0.4, rougeL: 0.3, refusedRight: 0.9, ...FIGURES },
  differences: { f1: { mean: 0.3, interval: [0.2, 0.4] } },
  exampleCount: 12,
  samples: [],
};
const QUEUED: FineTune = {
  id: "tun_0000000000000000000000001",
  name: "问答",
  datasetId: "dst_1",
  datasetName: "问答",
  base: "SmolLM2-135M-Instruct",
  recipe: recipeSchema.parse({}),
  status: "queued",
  phase: "prepare",
  jobId: null,
  step: 0,
  steps: 2,
  loss: [],
  validationLoss: [],
  tokensPerSecond: null,
  etaSeconds: null,
  memoryBytes: null,
  skippedSteps: 0,
  adapterId: null,
  gate: null,
  error: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  startedAt: null,
  endedAt: null,
};
const RUNNING: FineTune = {
  ...QUEUED,
  status: "running",
  phase: "train",
  step: 1,
  loss: [{ step: 1, loss: 2.345 }],
  tokensPerSecond: 183.4,
  etaSeconds: 720,
};
const SUCCEEDED: FineTune = { ...RUNNING, status: "succeeded", step: 2, adapterId: "adp_1", gate: GATE };
const ESTIMATE: FineTuneEstimate = {
  examples: 12,
  tokens: 2400,
  steps: 2,
  seconds: 13,
  tokensPerSecond: 183,
  memoryMode: "small",
  memoryBytes: 1.1e9,
  freeMemoryBytes: 4e9,
  diskBytes: 3e8,
  fits: true,
  notes: ["A short one."],
};

/** A house whose fine-tune goes through `states`, one at each look; notes what it was asked to do. */
function scripted(states: readonly FineTune[], options: { onLook?: () => void } = {}) {
  const calls: unknown[][] = [];
  let looks = 0;
  const note =
    <Value>(name: string, value: () => Value) =>
    async (...values: unknown[]) => {
      calls.push([name, ...values]);
      return value();
    };
  const dataset = { id: "dst_1", counts: { approved: 2, pending: 1, rejected: 0 }, problems: { near_duplicate: 1 } };
  const tuning: Partial<Tuning> = {
    importDataset: note("importDataset", () => dataset as unknown as Dataset), // holds: no more of it is read
    estimate: note("estimate", () => ESTIMATE),
    start: note("start", () => QUEUED),
    fineTune: async () => {
      options.onLook?.();
      looks += 1;
      return states[Math.min(looks, states.length) - 1]!;
    },
    pause: note("pause", () => RUNNING),
    activate: note("activate", () => ({}) as never),
    exportAdapter: note("exportAdapter", () => new Uint8Array([1])),
    exportDataset: note("exportDataset", () => new Uint8Array([2])),
  };
  return { calls, tuning: tuning as Tuning };
}

async function run(
  data: string,
  options: Partial<TuneOptions>,
  house: ReturnType<typeof scripted>,
  signal = new AbortController().signal,
) {
  const texts = { out: "", err: "" };
  const into = (name: "out" | "err") =>
    Object.assign(
      new Writable({
        write(chunk, _encoding, callback) {
          texts[name] += String(chunk);
          callback();
        },
      }),
      { isTTY: true, columns: 200 },
    );
  let code = 0;
  const terminal = openTerminal({ stdout: into("out"), stderr: into("err") });
  const exitWith = (value: number) => void (code = value);
  const settings = { tuning: house.tuning, terminal, signal, exitWith, pollMs: 0, patienceMs: 5_000 };
  const error = await runFineTune(settings, data, { wait: true, ...options }).catch((thrown: unknown) => thrown);
  return { ...texts, code, error };
}

test("a file becomes a dataset; the estimate, the progress and the gate's report are shown; what passed is switched on", async () => {
  const path = join(folder, "问答.jsonl");
  writeFileSync(path, '{"question":"q","answer":"a"}\n');
  const house = scripted([RUNNING, SUCCEEDED]);
  const options = { collection: "手册", rank: "8", epochs: "1.5", preset: "quick", activate: true };
  const { out, err, code, error } = await run(path, options, house);
  expect([error, code]).toEqual([undefined, 0]);
  const request = { dataset: "dst_1", rank: 8, epochs: 1.5, preset: "quick" };
  expect(house.calls).toEqual([
    ["importDataset", { path, name: "问答", collection: "手册" }],
    ["estimate", request],
    ["start", request],
    ["activate", "adp_1", { collections: ["手册"] }],
  ]);
  expect(err).toContain("2 examples approved, 1 pending, 0 rejected (1 near duplicate)");
  expect(err).toContain("about 13 s at 183 tokens/s");
  expect(err).toContain("memory: 1.1 GB of 4.0 GB free (small); disk: 0.3 GB\nA short one.");
  expect(err).toMatch(/train .* 1\/2 50 % · loss 2\.345 · 183 tokens\/s · 12 min left/);
  expect(out).toMatch(/gate, 12 examples: passed\n {2}yes {2}F1: wins by 0\.30/);
  expect(out).toMatch(/answer F1 +0\.100 +0\.400 +\+0\.300 \[0\.200, 0\.400\]/);
  expect(out).toMatch(/adp_1 answers now\.\n$/);
});

test("Ctrl-C pauses the fine-tune and says how to go on and how to throw it away", async () => {
  const stop = new AbortController();
  const paused: FineTune = { ...RUNNING, status: "paused" };
  const house = scripted([RUNNING, RUNNING, paused], { onLook: () => stop.abort() });
  const { out, err, error } = await run("dst_1", {}, house, stop.signal);
  expect(error).toMatchObject({ code: "aborted" });
  expect(house.calls.at(-1)).toEqual(["pause", QUEUED.id]);
  expect(err).toContain(`Paused at step 1 of 2.\nGo on: lorekeep tune resume ${QUEUED.id}\n`);
  expect(err).toContain(`lorekeep tune cancel ${QUEUED.id}`);
  expect(out).toBe("");
});

test("one that the gate rejects is reported, not switched on, and ends with 1", async () => {
  const gate = { ...GATE, passed: false, verdicts: [{ rule: "F1", passed: false, detail: "no gain" }] };
  const house = scripted([{ ...SUCCEEDED, status: "rejected", gate }]);
  const { out, err, code } = await run("questions", { activate: true }, house);
  expect(code).toBe(1);
  expect(out).toContain("NO   F1: no gain");
  expect(err).toContain("lorekeep tune activate adp_1 --force");
  expect(house.calls.map(([name]) => name)).toEqual(["estimate", "start"]);
});

test("one that fails is an error with its own code", async () => {
  const failed: FineTune = { ...RUNNING, status: "failed", error: { code: "disk_full", detail: "The disk is full." } };
  const { error } = await run("questions", {}, scripted([failed]));
  expect(error).toMatchObject({ code: "disk_full", message: "The disk is full." });
});

test("--json prints one object, --no-wait does not look, --dry-run starts nothing", async () => {
  expect(JSON.parse((await run("d", { json: true }, scripted([SUCCEEDED]))).out)).toMatchObject({ adapterId: "adp_1" });
  const left = scripted([]);
  expect((await run("d", { wait: false }, left)).out).toContain(`lorekeep tune show ${QUEUED.id}`);
  const dry = scripted([]);
  expect((await run("d", { dryRun: true }, dry)).out).toContain("12 examples, 2400 tokens, 2 steps");
  expect(dry.calls.map(([name]) => name)).toEqual(["estimate"]);
});

test("an estimate names the memory mode, and two lanes where a run has them", () => {
  expect(describeEstimate(ESTIMATE)[1]).toContain("free (small);");
  expect(describeEstimate({ ...ESTIMATE, memoryMode: "fast", lanes: 2 })[1]).toContain("free (fast, two lanes);");
});

test("options that do not fit and files that are not there are named before anything is made", async () => {
  const house = scripted([]);
  expect((await run(join(folder, "nowhere.jsonl"), {}, house)).error).toMatchObject({ code: "not_found" });
  const wrong = (await run("d", { rank: "many", preset: "slow" }, house)).error;
  expect(wrong).toMatchObject({
    code: "request_invalid",
    message: expect.stringMatching(/rank.*preset|preset.*rank/s),
  });
  expect(house.calls).toEqual([]);
  expect(parseFineTune("d", { wait: true, memory: "small", learningRate: "1e-4" })).toEqual({
    dataset: "d",
    memoryMode: "small",
    learningRate: 1e-4,
  });
});

test("an export takes the id of an adapter, of the fine-tune that made it, or of a dataset", async () => {
  const { calls, tuning } = scripted([SUCCEEDED, QUEUED]);
  const dataset = "dst_0000000000000000000000001";
  await exportOf(tuning, "adp_1", "peft");
  await exportOf(tuning, QUEUED.id, undefined);
  await exportOf(tuning, dataset, "unsloth");
  expect(calls).toEqual([
    ["exportAdapter", "adp_1", "peft"],
    ["exportAdapter", "adp_1", "gguf"],
    ["exportDataset", dataset, "unsloth"],
  ]);
  await expect(exportOf(tuning, "adp_1", "jsonl")).rejects.toMatchObject({ code: "request_invalid" });
  await expect(exportOf(tuning, QUEUED.id, "gguf")).rejects.toMatchObject({ code: "not_found" });
});

test("times are said as people say them", () => {
  expect([45, 100, 720, 4800].map(describeSeconds)).toEqual(["45 s", "2 min", "12 min", "80 min"]);
  expect(describeSeconds(8000)).toBe("2 h 13 min");
});
