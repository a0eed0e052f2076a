import { recipeSchema } from "@lorekeep/core";
import { expect, test } from "vitest";
import { dataCard, documentsOf, writeCard } from "./data-card.ts";
import type { CardRequest } from "./data-card.ts";

const passage = (documentId: string | null, gold = true) => ({
  title: "",
  text: "SECRET TEXT",
  gold,
  documentId,
  chunkId: null,
});
const request: CardRequest = {
  name: "harbour v3",
  base: { name: "smollm2-135m-instruct", fingerprint: "abc", licence: "Apache-2.0" },
  recipe: recipeSchema.parse({ seed: 7 }),
  datasetName: "harbour questions",
  examples: [
    {
      ...{ question: "Who?", answer: "ada@ferry.example.org", answerable: true, language: "en", source: "correction" },
      ...{ split: "train", rejectedAnswer: "nobody", passages: [passage("doc_b"), passage("doc_a", false)] },
    },
    {
      ...{ question: "谁？", answer: null, answerable: false, language: "zh", source: "unanswerable" },
      ...{ split: "validation", rejectedAnswer: null, passages: [passage("doc_a", false), passage(null)] },
    },
  ],
  documentNames: new Map([["doc_a", "handbook.md"]]),
  licenceNotes: ["own documents"],
  versions: { lorekeep: "0.1.0" },
  trainedAt: "2026-01-01T00:00:00Z",
};

test("the card counts the data, names the documents and keeps seed, versions and licences", () => {
  const card = dataCard(request);
  expect(card).toMatchObject({
    seed: 7,
    versions: { lorekeep: "0.1.0" },
    licence: { base: "Apache-2.0", data: ["own documents"] },
    data: {
      ...{ examples: 2, answerable: 1, unanswerable: 1, preferences: 1, personalData: { email: 1 } },
      ...{
        split: { train: 1, validation: 1 },
        sources: { correction: 1, unanswerable: 1 },
        languages: { en: 1, zh: 1 },
      },
      documents: [
        { id: "doc_a", name: "handbook.md" },
        { id: "doc_b", name: null },
      ],
    },
  });
});

test("K6: every document whose text was shown in training is listed once", () => {
  expect(documentsOf(request.examples)).toEqual(["doc_a", "doc_b"]);
});

test("neither the card nor its Markdown holds text of the examples", () => {
  const card = dataCard(request);
  const markdown = writeCard(card);
  expect(JSON.stringify(card) + markdown).not.toMatch(/SECRET|ada@|nobody|谁/);
  expect(markdown).toMatch(/^# harbour v3\n[^]*## Data\n[^]*- examples: 2\n[^]*- languages: en 1, zh 1\n/);
});
