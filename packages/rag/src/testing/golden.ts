/** The golden questions of fixtures/golden and the handbooks they are asked of, ingested into a test house. */
import { readFile } from "node:fs/promises";
import type { Collection, Embedder, Passage, Reader } from "@lorekeep/core";
import { openTestHouse } from "./house.ts";
import type { TestHouse } from "./house.ts";

const FIXTURES = new URL("../../../../fixtures/", import.meta.url);

export interface GoldenQuestion {
  readonly language: "en" | "zh";
  readonly question: string;
  readonly heading: string;
  readonly fragment: string;
}
export interface GoldenSet {
  readonly documents: readonly string[];
  readonly questions: readonly GoldenQuestion[];
  readonly unanswerable: readonly Pick<GoldenQuestion, "language" | "question">[];
}

export async function openGoldenHouse(
  embedder?: Embedder,
  reader?: Reader,
): Promise<{ house: TestHouse; golden: GoldenSet; collection: Collection }> {
  const golden = JSON.parse(await readFile(new URL("golden/handbook.json", FIXTURES), "utf8")) as GoldenSet; // our own file
  const house = await openTestHouse({ ...(embedder && { embedders: [embedder] }), ...(reader && { reader }) });
  const collection = await house.makeCollection("handbooks", embedder, { maxTokens: 200, overlapTokens: 32 });
  for (const name of golden.documents)
    await house.add({ collection, name, text: await readFile(new URL(`documents/${name}`, FIXTURES), "utf8") });
  return { house, golden, collection: await house.reload(collection) };
}

/** 1-based rank of the expected passage; Infinity when it was not retrieved. */
export function rankOf({ heading, fragment }: GoldenQuestion, passages: readonly Passage[]): number {
  // A short section may share a chunk with the one before it: its heading then stands in the text.
  const at = passages.findIndex(
    ({ headings, text }) => (headings.includes(heading) || text.includes(heading)) && text.includes(fragment),
  );
  return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
}
