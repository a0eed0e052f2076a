/**
 * `npm run train:answering -- --data FOLDER`: the adapter that the box comes with, as it is made: two runs of train-answering.ts from
 * the same first values on different mixes, and their mean (average-adapters.ts). A run whose adapter lies in the work folder is
 * not made again, so an interrupted call goes on where it was. `judge-answering.ts --card` measures the result.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { averageAdapters, writeAveraged } from "./average-adapters.ts";
import { readGgufAdapter } from "@lorekeep/tune";

/** Answerable questions of the public half, and how many with a passage of another article. */
const MIXES = [
  { answerable: 880, unrelated: 150 },
  { answerable: 1100, unrelated: 188 },
];

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "packages/models/adapters/answering-smollm2-135m.gguf" },
    work: { type: "string", default: "node_modules/.cache/lorekeep-train/answering" },
  },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
await mkdir(values.work, { recursive: true });
const parts: string[] = [];
for (const { answerable, unrelated } of MIXES) {
  const part = join(values.work, `answering-${answerable}.gguf`);
  parts.push(part);
  if (existsSync(part)) continue;
  const { status } = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, "train-answering.ts"),
      ...["--data", values.data, "--out", part, "--work", join(values.work, `run-${answerable}`)],
      ...["--answerable", String(answerable), "--unrelated", String(unrelated)],
    ],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error(`The run with ${answerable} questions ended with ${String(status)}.`);
}
await writeAveraged(values.out, averageAdapters(await Promise.all(parts.map((part) => readGgufAdapter(part)))));
const cards = await Promise.all(
  parts.map(async (part) => JSON.parse(await readFile(cardOf(part), "utf8")) as Record<string, unknown>),
);
const { name, base, data, heldOutTitles } = cards[0]!;
const own = cards.map(({ name: _n, base: _b, data: _d, heldOutTitles: _h, gate: _g, ...card }) => card);
await writeFile(
  cardOf(values.out),
  `${JSON.stringify({ ...{ name, base, data, heldOutTitles }, made: "mean of the runs", runs: own }, null, 2)}\n`,
);
console.error(`Wrote ${values.out}.`);

function cardOf(path: string): string {
  return path.replace(/\.gguf$/, ".card.json");
}
