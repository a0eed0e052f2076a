import { expect, test } from "vitest";
import type { ChunkDraft } from "@lorekeep/core";
import { hashEmbedder } from "@lorekeep/core/testing";
import { contentHashOf } from "@lorekeep/ingest";
import { embedInContext } from "./embed-in-context.ts";

const draft = (text: string, tokenCount: number, headings: readonly string[] = []): ChunkDraft => ({
  ...{ ordinal: 0, text, span: [0, text.length], page: null, pageEnd: null, headings, header: null, tokenCount },
  contentHash: contentHashOf({ text }),
});

test("a chunk is embedded behind its title and headings, and hashed as it is embedded", async () => {
  const [made] = await embedInContext([draft("It hums.", 3, ["Noise"])], "Kestrel pump", hashEmbedder(), undefined);
  expect(made?.embedded).toBe("Kestrel pump › Noise\n\nIt hums.");
  expect(made?.contentHash).toBe(contentHashOf({ text: made!.embedded }));
  expect(made?.text).toBe("It hums.");
});

test("H5: a context that does not fit beside its chunk is left out, so nothing is cut", async () => {
  const embedder = hashEmbedder({ maxTokens: 20 });
  const drafts = [draft("It hums.", 15), draft("It hums.", 3)];
  const made = await embedInContext(drafts, "Kestrel pump", embedder, undefined);
  expect(made.map(({ embedded }) => embedded)).toEqual(["It hums.", "Kestrel pump\n\nIt hums."]);
});

test("a heading path that is longer than a sentence leaves the chunk alone", async () => {
  const headings = Array.from({ length: 40 }, (_, at) => `Part ${at} of it`);
  const [made] = await embedInContext([draft("It hums.", 3, headings)], null, hashEmbedder(), undefined);
  expect(made?.embedded).toBe("It hums.");
});
