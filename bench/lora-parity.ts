/**
 * Our trainer against PEFT on PyTorch: losses of twenty steps from the same first values on the same batches, and tokens a second,
 * on the same cores one after the other. PEFT runs where Python has it (LOREKEEP_PYTHON names the interpreter), else its
 * recorded losses stand in. LOREKEEP_RECORD=1 writes the record anew.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { defaultModelsFolder, findInstalled, findModel, openChatTokenizer } from "../packages/models/src/index.ts";
import { writeRawAdapter } from "../packages/tune/src/index.ts";
import {
  PARITY_FIXTURE,
  PARITY_RECIPE,
  prepareParity,
  readParityFixture,
  runParity,
} from "../packages/tune/src/testing/parity.ts";
import type { ParityFixture, ParityRun } from "../packages/tune/src/testing/parity.ts";
import { round } from "./figures.ts";
import type { BenchResult } from "./result.ts";

const MODEL = "smollm2-135m-instruct";
const STEPS = 20;
const TOKENS = 128;
const scripts = join(import.meta.dirname, "..", "packages", "tune", "scripts");

export async function run(): Promise<BenchResult> {
  const model = await findInstalled(findModel(MODEL)!, defaultModelsFolder(process.env));
  if (model === null) throw new Error(`${MODEL} is not there: npm run lorekeep -- models pull ${MODEL}`);
  const ggufPath = join(model.folder, "model.gguf");
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-parity-"));
  const isRecording = process.env["LOREKEEP_RECORD"] === "1";
  const fixture: ParityFixture = isRecording ? await newFixture(ggufPath) : await readParityFixture();
  const prepared = await prepareParity(ggufPath, folder, fixture.examples, "fast");
  const ours = await runParity(prepared, fixture.examples, join(folder, "run"), "fast");
  const peft = await runPeft(prepared, folder);
  if (isRecording && peft !== null) await record(fixture, peft);
  const theirs = peft?.losses ?? fixture.losses;
  const gaps = ours.lossSeries.map(({ loss }, step) => Math.abs(loss / theirs[step]! - 1));
  return {
    name: `LoRA on ${MODEL}: ours against ${peft === null ? "PEFT as recorded" : "PEFT"}, ${STEPS} steps of 1×${TOKENS}`,
    rows: ours.lossSeries.map(({ loss }, step) => ({
      step: step + 1,
      ours: round(loss, 5),
      PEFT: round(theirs[step]!, 5),
      "gap %": round(100 * gaps[step]!, 3),
    })),
    notes: [
      `Largest gap ${round(100 * Math.max(...gaps), 3)} % (bar: 1 %). Load ${round(loadavg()[0]!)}.`,
      `Tokens a second, whole run: ours ${round(ours.tokensPerSecond)}${peft === null ? "" : `, PEFT ${round(peft.tokensPerSecond)} (median step)`}.`,
      peft === null
        ? "PEFT was not run: no Python with torch, transformers and peft. Set LOREKEEP_PYTHON."
        : `PEFT: ${Object.entries(peft.versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(", ")}; ${peft.peakMiB} MiB.`,
    ],
  };
}

interface PeftRun {
  readonly losses: readonly number[];
  readonly tokensPerSecond: number;
  readonly peakMiB: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** null when there is no Python that has it. */
export async function runPeft({ prepared, initial, ordered }: ParityRun, folder: string): Promise<PeftRun | null> {
  const python = process.env["LOREKEEP_PYTHON"] ?? "python3";
  if (spawnSync(python, ["-c", "import torch, transformers, peft"], { stdio: "ignore" }).status !== 0) return null;
  const adapter = join(folder, "initial.json");
  await writeRawAdapter(adapter, prepared.toAdapter(initial));
  const batches = join(folder, "batches.json");
  const asBatch = ({ ids, answerStart }: (typeof ordered)[number]) => ({
    ids: [ids],
    answerMask: [Array.from(ids, (_, t) => (t >= answerStart ? 1 : 0))],
  });
  await writeFile(batches, JSON.stringify({ batches: ordered.map(asBatch) }));
  const { weightsPath } = prepared.weights;
  const output = execFileSync(
    python,
    [
      join(scripts, "lora_parity.py"),
      ...["--weights", weightsPath, "--manifest", join(dirname(weightsPath), "weights.json")],
      ...[
        "--adapter",
        adapter,
        "--batches",
        batches,
        "--learning-rate",
        String(PARITY_RECIPE.learningRate),
        "--steps",
        String(ordered.length),
      ],
    ],
    { encoding: "utf8", maxBuffer: 1 << 26 },
  );
  return JSON.parse(output.slice(output.indexOf("{"))) as PeftRun;
}

/** Windows of the handbook that the fixtures hold, half prompt and half answer. */
async function newFixture(ggufPath: string): Promise<ParityFixture> {
  const tokenizer = await openChatTokenizer(ggufPath);
  const text = await readFile(join(import.meta.dirname, "..", "fixtures", "documents", "lorekeep-handbook.md"), "utf8");
  const ids = tokenizer.answerTokenIds(text);
  await tokenizer.close();
  const stride = Math.floor((ids.length - TOKENS) / STEPS);
  const examples = Array.from({ length: STEPS }, (_, i) => ({
    ids: ids.slice(i * stride, i * stride + TOKENS),
    answerStart: TOKENS / 2,
  }));
  return { examples, losses: [], versions: {} };
}

async function record(fixture: ParityFixture, peft: PeftRun): Promise<void> {
  await mkdir(dirname(PARITY_FIXTURE), { recursive: true });
  await writeFile(PARITY_FIXTURE, `${JSON.stringify({ ...fixture, losses: peft.losses, versions: peft.versions })}\n`);
}
