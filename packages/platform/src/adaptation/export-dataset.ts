/** A dataset for trainers elsewhere: the chat lines that our own trainer learns from, and recipes that say the same. */
import { AppError, recipeSchema } from "@lorekeep/core";
import type { Dataset } from "@lorekeep/core";
import { buildTrainingMessages } from "@lorekeep/rag";
import type { RecipeExample } from "@lorekeep/tune";
import type { Adaptation } from "../adaptation.ts";
import { usableExamples } from "./training-examples.ts";
import { datasetIdOf } from "./parts.ts";
import type { AdaptationParts } from "./parts.ts";

type Exported = Awaited<ReturnType<Adaptation["exportDataset"]>>;

/** Files of the recipe that belong to one trainer; the lines of examples and the README go with each. */
const OWN_FILES: Readonly<Record<string, readonly string[]>> = {
  peft: ["peft.json", "train_peft.py"],
  "llama-factory": ["llama-factory.yaml", "dataset_info.json"],
  unsloth: ["unsloth.yaml"],
};
const SHARED_FILES = ["train.jsonl", "validation.jsonl", "README.md"];

/** Throws request_invalid when no example is approved. */
export async function exportDataset(
  parts: AdaptationParts,
  dataset: Dataset,
  format: Parameters<Adaptation["exportDataset"]>[2],
): Promise<Exported> {
  const examples = await chatExamples(parts, dataset);
  const stem = dataset.name.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80);
  if (format === "jsonl") {
    const lines = examples.map(({ messages, target, split, rejected }) => {
      const rejectedAnswer = rejected == null ? {} : { rejected };
      return `${JSON.stringify({ messages: [...messages, { role: "assistant", content: target }], split, ...rejectedAnswer })}\n`;
    });
    return { name: `${stem}.jsonl`, mediaType: "application/jsonl", bytes: Buffer.from(lines.join("")) };
  }
  if (examples.length === 0)
    throw new AppError("request_invalid", "No example of this dataset is approved: there is nothing to train on.");
  const { encodeZip, exportRecipe } = await import("@lorekeep/tune");
  const base = await parts.trainer.openBase(parts.config.models.generator);
  const files = await exportRecipe(recipeSchema.parse({}), { examples }, { huggingFaceId: base.huggingFaceId });
  const wanted = [...SHARED_FILES, ...OWN_FILES[format]!];
  const chosen = [...files].filter(([name]) => wanted.includes(name));
  const bytes = encodeZip(new Map(chosen.map(([name, text]) => [name, Buffer.from(text)])));
  return { name: `${stem}-${format}.zip`, mediaType: "application/zip", bytes };
}

async function chatExamples(parts: AdaptationParts, dataset: Dataset): Promise<RecipeExample[]> {
  const rows: RecipeExample[] = [];
  for (const example of await usableExamples(parts.store, datasetIdOf(dataset))) {
    const built = await buildTrainingMessages(example);
    if (built === null) continue;
    const { messages, target } = built;
    rows.push({ messages, target, rejected: example.rejectedAnswer, split: example.split });
  }
  return rows;
}
