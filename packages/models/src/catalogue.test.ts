import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "@lorekeep/core";
import { CATALOGUE, downloadBytes, findModel } from "./catalogue.ts";

test("names are unique and the configured defaults are among them", () => {
  const names = CATALOGUE.map((entry) => entry.name);
  expect(new Set(names).size).toBe(names.length);
  const { models } = configSchema.parse({});
  expect(findModel(models.embedder)?.role).toBe("embedder");
  expect(findModel(models.generator)?.role).toBe("generator");
  expect(findModel("nonsense")).toBeUndefined();
});

test("every tested model that is fetched begins with a source whose files are pinned by size and checksum", () => {
  for (const entry of CATALOGUE.filter((known) => known.tested && known.role !== "reader"))
    for (const file of entry.sources[0]!.files) {
      expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(file.sizeBytes).toBeGreaterThan(0);
    }
});

test("file names stay inside the model's folder", () => {
  for (const entry of CATALOGUE)
    for (const file of entry.sources.flatMap((source) => [...source.files])) {
      expect(file.name).toMatch(/^[\w.-]+$/);
      expect(entry.name).toMatch(/^[\w.-]+$/);
    }
});

test("says what a download weighs, or that nobody knows", () => {
  expect(downloadBytes(findModel("all-MiniLM-L6-v2")!)).toBe(22_928_619 + 466_247);
  expect(downloadBytes(findModel("qwen3-4b")!)).toBeNull();
});

test("a reader's encoder is an embedder of the table, and what is shipped lies in this package", () => {
  const reader = findModel("reader-e5-small");
  if (reader?.role !== "reader") throw new Error("no reader");
  expect(findModel(reader.base)?.role).toBe("embedder");
  const generator = findModel("smollm2-135m-instruct");
  if (generator?.role !== "generator") throw new Error("no generator");
  const root = resolve(import.meta.dirname, "..");
  expect(relative(root, reader.file)).toBe(join("readers", "reader-e5-small.safetensors"));
  expect(relative(root, generator.answeringAdapter!)).toBe(join("adapters", "answering-smollm2-135m.gguf"));
  expect(generator.answersFromPassages).toBe(false); // quotes were measured to be better
});
