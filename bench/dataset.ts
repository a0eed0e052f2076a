/**
 * 20,000 examples into a dataset: read, stored, cleaned (repetitions, leaks, language, personal data), read again. What counts is how
 * long the main thread is held meanwhile, because answers stream from it. Three kinds: questions of many words, questions of one
 * template that differ in a number (a table), and of one template that differ in a name.
 */
import type { DatasetId } from "@lorekeep/core";
import type { Platform } from "@lorekeep/platform";
import { round } from "./figures.ts";
import { BENCH_ACTOR, withHouse } from "./house.ts";
import { watchLoop } from "./event-loop.ts";
import type { BenchResult } from "./result.ts";
import { seededRandom } from "../packages/rag/src/evaluation/seeded-random.ts";

const COUNT = Number(process.env["LOREKEEP_BENCH_EXAMPLES"] ?? 20_000);
const WORDS = Array.from({ length: 4000 }, (_, at) => `w${((at * 7919) % 10_007).toString(36)}`);

type Told = readonly [question: string, answer: string];
const random = seededRandom(1);
const words = (count: number): string =>
  Array.from({ length: count }, () => WORDS[Math.floor(random() * random() * WORDS.length)]).join(" ");
const KINDS: Readonly<Record<string, (at: number) => Told>> = {
  words: () => [`What is ${words(9)}?`, `It is ${words(18)}.`],
  numbers: (at) => [`What is the code of gate ${at}?`, `The code of gate ${at} is K${(at * 7919) % 10_000}.`],
  names: (at) => [`Where was ${words(1)} ${words(1)} of ${WORDS[at % 4000]} born?`, `In the town of ${words(1)}.`],
};

export async function run(): Promise<BenchResult> {
  const rows = await withHouse(async (platform) => {
    const all: BenchResult["rows"][number][] = [];
    for (const kind of Object.keys(KINDS)) all.push(await measure(platform, kind));
    return all;
  });
  return {
    name: `${COUNT} examples into a dataset`,
    rows,
    notes: ["Held: the longest stretch, in milliseconds of this thread's processor time, that no timer ran. Bar: 50."],
  };
}

async function measure(platform: Platform, kind: string): Promise<BenchResult["rows"][number]> {
  const { adaptation } = platform;
  const passages = Array.from({ length: 2000 }, () => words(120));
  const lines = (async function* () {
    for (let at = 0; at < COUNT; at++) {
      const [question, answer] = KINDS[kind]!(at);
      const shown = [{ title: `page ${at % 2000}`, text: `${passages[at % 2000]!} ${answer}` }];
      yield JSON.stringify({ id: `e${at}`, question, answer, passages: shown });
    }
  })();
  const startedAt = performance.now();
  const loop = watchLoop();
  const { id, counts, problems } = await adaptation.importDataset(BENCH_ACTOR, { name: kind, lines });
  const { wall, cpu } = loop.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  await adaptation.deleteDataset(BENCH_ACTOR, id as DatasetId);
  return {
    examples: kind,
    approved: counts.approved,
    repeated: (problems["duplicate"] ?? 0) + (problems["near_duplicate"] ?? 0),
    seconds: round(seconds),
    "held ms": cpu.longest,
    "p99 ms": cpu.p99,
    "by the clock": wall.longest,
  };
}
