/**
 * `npm run bench -- citations`: how the verdicts on sentences stand to two hundred pairs labelled by hand, and what checking an answer
 * of three sentences against six passages costs.
 */
import { citeSentences } from "../packages/rag/src/cite.ts";
import { judgeLabelled, measureLabelled, readLabelled } from "../packages/rag/src/testing/labelled.ts";
import type { LabelledPassage } from "../packages/rag/src/testing/labelled.ts";
import { makePassage, packAll } from "../packages/rag/src/testing/passages.ts";
import { evenTermWeight } from "../packages/rag/src/text/term-weights.ts";
import { percentile, round } from "./figures.ts";
import type { BenchResult } from "./result.ts";

const ANSWERS = 50;
const WARM_UP = 10;

export async function run(): Promise<BenchResult> {
  const passages = await readLabelled();
  const rows = Object.entries(measureLabelled(passages)).map(([language, figures]) => ({
    language,
    precision: round(figures.precision, 3),
    recall: round(figures.recall, 3),
    "shown (weak too)": round(figures.shown, 3),
    "unsupported cut": round(figures.cut, 3),
  }));
  const kinds = Map.groupBy(judgeLabelled(passages), ({ supported, kind }) => `${supported ? "+" : "-"} ${kind}`);
  const told = [...kinds].map(([kind, pairs]) => {
    const shown = pairs.filter(({ verdict }) => verdict === "supported").length;
    return `${kind}: ${shown} of ${pairs.length} shown as supported`;
  });
  return { name: "Verdicts on 200 hand-labelled pairs", rows, notes: [...told.sort(), timeOf(passages)] };
}

function timeOf(passages: readonly LabelledPassage[]): string {
  const times: number[] = [];
  for (let answer = 0; answer < ANSWERS + WARM_UP; answer++) {
    const chosen = Array.from({ length: 6 }, (_, at) => passages[(answer + at) % passages.length]!);
    // Fresh passages each time, as in serving: nothing is read before.
    const packed = packAll(
      chosen.map(({ passage, title }, at) => makePassage(`${passage} ${answer}`, { seq: at + 1, headings: [title] })),
    );
    const sentences = chosen[0]!.pairs.slice(0, 3).map(({ sentence }) => sentence);
    const startedAt = performance.now();
    citeSentences(sentences, packed, evenTermWeight);
    if (answer >= WARM_UP) times.push(performance.now() - startedAt);
  }
  return `Three sentences against six passages: p50 ${round(percentile(times, 50), 2)} ms, p95 ${round(percentile(times, 95), 2)} ms`;
}
