/**
 * Public question sets → folders that `lorekeep eval` reads. Two folders a set, over the same documents: `search` asks many questions,
 * since retrieval learned nothing from any of them; `answers` asks of articles only that neither reader nor adapter was trained on.
 * Which questions are asked is drawn by lot, the same ones each time.
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadQuestionSet, lot } from "../scripts/train/reader-data.ts";

export const SET_NAMES = ["squad2", "cmrc2018", "drcd", "scifact"] as const;
export type SetName = (typeof SET_NAMES)[number];

/** As in the training scripts. */
const HELD_OUT_SHARE = 0.13;

export interface SetFolders {
  readonly search: string;
  /** Null: the set has judgements but no answers. */
  readonly answers: string | null;
}

/** `sets`: where the public sets lie; `into`: an empty folder; the counts are of questions, at most. */
export async function layOutSet(
  name: SetName,
  { sets, into, searches, answers }: { sets: string; into: string; searches: number; answers: number },
): Promise<SetFolders> {
  const search = join(into, "search", name);
  await mkdir(search, { recursive: true });
  if (name === "scifact") {
    await layOutScifact(sets, search, searches);
    return { search, answers: null };
  }
  const { train, heldOut } = await loadQuestionSet(sets, name, HELD_OUT_SHARE);
  const asked = [...train, ...heldOut].filter(({ answerable }) => answerable);
  await writeQuestions(sets, name, search, draw(asked, searches));
  const answered = join(into, "answers", name);
  await mkdir(answered, { recursive: true });
  await writeQuestions(sets, name, answered, draw(heldOut, answers));
  return { search, answers: answered };
}

async function writeQuestions(sets: string, name: SetName, folder: string, rows: readonly object[]): Promise<void> {
  await copyFile(join(sets, name, "docs.public.jsonl"), join(folder, "docs.jsonl"));
  await writeFile(join(folder, "qa.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
}

async function layOutScifact(sets: string, folder: string, count: number): Promise<void> {
  const from = join(sets, "scifact");
  await copyFile(join(from, "corpus.jsonl"), join(folder, "docs.jsonl"));
  const queries = (await readFile(join(from, "queries.train.jsonl"), "utf8")).split("\n").filter((line) => line !== "");
  const kept = draw(
    queries.map((line) => ({ line, id: String((JSON.parse(line) as { _id: string | number })._id) })),
    count,
  );
  await writeFile(join(folder, "queries.jsonl"), kept.map(({ line }) => line).join("\n"));
  const [head, ...judgements] = (await readFile(join(from, "qrels.train.tsv"), "utf8")).trim().split("\n");
  const ids = new Set(kept.map(({ id }) => id));
  const asked = judgements.filter((line) => ids.has(line.split("\t")[0]!));
  await writeFile(join(folder, "qrels.tsv"), [head, ...asked].join("\n"));
}

const draw = <Item extends { readonly id: string }>(items: readonly Item[], count: number): Item[] =>
  [...items].sort((a, b) => lot(`quality/${a.id}`) - lot(`quality/${b.id}`)).slice(0, count);
