/**
 * `node scripts/train/judge-answering.ts --data FOLDER --adapter FILE.gguf`: the product's gate on an answering adapter, on articles
 * that it was not trained on, through the served model. Prints the figures; `--card` writes them into the adapter's card.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { defaultModelsFolder } from "@lorekeep/models";
import { GENERAL_SET, runGate } from "@lorekeep/rag";
import { answeringExamples, HELD_OUT_SHARE } from "./answering-data.ts";
import { openBase } from "./answer-as-base.ts";
import { loadQuestionSet } from "./reader-data.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    adapter: { type: "string", default: "packages/models/adapters/answering-smollm2-135m.gguf" },
    answerable: { type: "string", default: "120" },
    unrelated: { type: "string", default: "60" },
    distracted: { type: "string", default: "0" },
    general: { type: "string", default: "100" },
    card: { type: "boolean", default: false },
  },
});
if (values.data === undefined) throw new Error("Say where the question sets lie: --data FOLDER");
const path = resolve(values.adapter);
const set = await loadQuestionSet(values.data, "squad2", HELD_OUT_SHARE);
// Paragraphs of other articles stand in for unrelated ones: the held-out article is one, so passages come from all.
const heldOut = answeringExamples(set, set.heldOut, {
  answerable: Number(values.answerable),
  unrelated: 0,
  adversarial: 0,
  distracted: Number(values.distracted),
});
const titles = new Set(set.heldOut.map(({ doc_id }) => set.documents.get(doc_id)!.title));
const others = [...set.documents.values()].filter(({ title }) => !titles.has(title));
const unrelated = heldOut.slice(0, Number(values.unrelated)).map((example, i) => {
  const document = others[(i * 7919) % others.length]!;
  const passage = {
    title: document.title.replaceAll("_", " "),
    text: document.text,
    gold: false,
    documentId: document._id,
    chunkId: null,
  };
  return { ...example, answer: null, answerable: false, passages: [passage] };
});
const generator = await openBase(join(defaultModelsFolder(process.env), "smollm2-135m-instruct", "model.gguf"));
const gate = await runGate({
  examples: [...heldOut, ...unrelated],
  general: GENERAL_SET.slice(0, Number(values.general)),
  generate: async (messages, { adapter, maxTokens, signal }) => {
    const startedAt = performance.now();
    let text = "";
    let tokens = 0;
    for await (const event of generator.generate({
      messages,
      maxTokens,
      temperature: 0,
      signal,
      adapter: adapter ? { path, scale: 1 } : null,
    }))
      if (event.type === "end") tokens = event.usage.completionTokens;
      else text += event.text;
    return { text, tokens, ms: performance.now() - startedAt };
  },
  onProgress: (done, total) => {
    if (done % 50 === 0) console.error(`${done} of ${total}`);
  },
});
await generator.close();
const { samples, ...figures } = gate;
console.log(JSON.stringify(figures, null, 2));
console.log(
  samples.map(({ question, expected, base, adapter }) => ({ question, expected, base: base.slice(0, 100), adapter })),
);
if (values.card) {
  const cardPath = path.replace(/\.gguf$/, ".card.json");
  const card = JSON.parse(await readFile(cardPath, "utf8")) as Record<string, unknown>;
  await writeFile(cardPath, `${JSON.stringify({ ...card, gate }, null, 2)}\n`);
}
