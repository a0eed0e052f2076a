/**
 * `npm run bench -- quality` with LOREKEEP_BENCH_SETS=FOLDER: retrieval and answers of this installation on public question sets, through
 * `lorekeep eval`'s own instrument. Imported documents are kept in LOREKEEP_BENCH_DATA and used again while they are unchanged.
 * LOREKEEP_BENCH_ONLY=squad2,scifact measures some sets; LOREKEEP_BENCH_QUESTIONS=0 leaves the answers out.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluateFolder } from "@lorekeep/platform";
import type { EvalReport, Platform } from "@lorekeep/platform";
import { round } from "./figures.ts";
import { withHouse } from "./house.ts";
import { layOutSet, SET_NAMES } from "./quality-sets.ts";
import type { SetName } from "./quality-sets.ts";
import type { BenchResult } from "./result.ts";

type Row = BenchResult["rows"][number];

interface Sizes {
  readonly sets: string;
  /** Questions searched for and questions answered, of each set, at most. */
  readonly searches: number;
  readonly answers: number;
}

export async function run(): Promise<BenchResult> {
  const sets = process.env["LOREKEEP_BENCH_SETS"];
  if (sets === undefined) throw new Error("Say where the question sets lie: LOREKEEP_BENCH_SETS=FOLDER");
  const sizes = {
    sets,
    searches: Number(process.env["LOREKEEP_BENCH_SEARCHES"] ?? 800),
    answers: Number(process.env["LOREKEEP_BENCH_QUESTIONS"] ?? 150),
  };
  const keep = process.env["LOREKEEP_BENCH_DATA"] ?? "node_modules/.cache/lorekeep-quality";
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-quality-"));
  const rows: Row[] = [];
  let models = "";
  try {
    await withHouse(
      async (platform) => {
        const worker = await platform.startWorker();
        models = modelsOf(platform);
        for (const name of askedSets()) rows.push(await measureSet(platform, name, folder, sizes));
        await worker.close();
      },
      { keep },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    name: `Quality on public sets: ${models}`,
    rows,
    notes: [
      `nDCG@10 of at most ${sizes.searches} questions a set; answers to at most ${sizes.answers}, of articles kept out of every training.`,
      "F1 of the short answer where there is one, by words in English and by characters in Chinese.",
    ],
  };
}

function askedSets(): readonly SetName[] {
  const only = process.env["LOREKEEP_BENCH_ONLY"];
  if (only === undefined) return SET_NAMES;
  const asked = only.split(",");
  const unknown = asked.filter((name) => !(SET_NAMES as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`There is no set ${unknown.join(", ")}; there are ${SET_NAMES.join(", ")}.`);
  return SET_NAMES.filter((name) => asked.includes(name));
}

function modelsOf({ config }: Platform): string {
  return [config.models.embedder, config.models.generator].join(", ");
}

async function measureSet(platform: Platform, name: SetName, into: string, sizes: Sizes): Promise<Row> {
  const folders = await layOutSet(name, { ...sizes, into });
  const found = await evaluateFolder(platform, { folder: folders.search, answers: false, onProgress: reporter(name) });
  const said =
    folders.answers === null || sizes.answers === 0
      ? null
      : await evaluateFolder(platform, { folder: folders.answers, answers: true, onProgress: reporter(name) });
  const row = rowOf(name, found, said);
  console.error(JSON.stringify(row));
  return row;
}

/** A line to stderr each half minute: SciFact alone is minutes of embedding. */
function reporter(name: string): (step: string, done: number, total: number) => void {
  let saidAtMs = Date.now();
  return (step, done, total) => {
    if (Date.now() - saidAtMs < 30_000) return;
    saidAtMs = Date.now();
    console.error(`${name}: ${step} ${done}/${total}`);
  };
}

function rowOf(set: string, found: EvalReport, said: EvalReport | null): Row {
  const { lexical, dense, hybrid } = found;
  const shown = (value: number | undefined): string | number => (value === undefined ? "" : round(value, 3));
  return {
    set,
    questions: found.questionCount,
    "nDCG words": round(lexical.ndcgAt10, 3),
    "nDCG vectors": round(dense.ndcgAt10, 3),
    "nDCG hybrid": round(hybrid.ndcgAt10, 3),
    "recall@10": round(hybrid.recallAt10, 3),
    "p95 ms": round(hybrid.latency.p95, 1),
    answered: said?.questionCount ?? "",
    "answer F1": shown(said?.answerF1),
    "full F1": shown(said?.fullAnswerF1),
    "refused right": shown(said?.refusal?.right),
    "refused wrong": shown(said?.refusal?.wrong),
    "citation precision": shown(said?.citationPrecision),
    unsupported: shown(said?.unsupportedShare),
  };
}
