/**
 * The adapter that comes with this release, as a row like any other: it can be looked at, compared, switched off and put
 * back. Its file is copied into the data folder, so that a later release does not change what an older row means.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Adapter, Config, Logger, Store } from "@lorekeep/core";
import { z } from "zod";
import { adapterIdOf } from "./parts.ts";
import type { BuiltInAdapter } from "./serving-adapter.ts";

interface BuiltInParts {
  readonly config: Config;
  readonly store: Pick<Store, "adapters">;
  readonly logger: Logger;
  readonly adaptersFolder: string;
}

const NAME = "Answers from passages";
const NONE: BuiltInAdapter = { id: null, baseAnswersFromPassages: undefined };

/** Looked up when first asked for; a failure is logged and counts as none. */
export function builtInAdapter(parts: BuiltInParts): () => Promise<BuiltInAdapter> {
  let found: Promise<BuiltInAdapter> | null = null;
  return () =>
    (found ??= findBuiltIn(parts).catch((error: unknown) => {
      parts.logger.warn("adapter.built_in_failed", { error });
      return NONE;
    }));
}

async function findBuiltIn(parts: BuiltInParts): Promise<BuiltInAdapter> {
  const { findModel } = await import("@lorekeep/models");
  const entry = findModel(parts.config.models.generator);
  if (entry?.role !== "generator") return NONE;
  const { answeringAdapter: path, answersFromPassages: baseAnswersFromPassages } = entry;
  if (path === undefined || !existsSync(path)) return { id: null, baseAnswersFromPassages };
  const bytes = await readFile(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const rows = await builtInRows(parts);
  const known = rows.find((row) => row.sha256 === sha256 && row.base === entry.name);
  const row = known ?? (await register(parts, { path, bytes, sha256, base: entry.name }));
  for (const old of rows)
    if (old.id !== row.id && old.base === entry.name && old.activeIn.length === 0) await forget(parts, old);
  return { id: adapterIdOf(row), baseAnswersFromPassages };
}

async function builtInRows({ store }: BuiltInParts): Promise<Adapter[]> {
  const rows: Adapter[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.adapters.list({ limit: 200, cursor });
    rows.push(...page.items.filter(({ origin }) => origin === "built-in"));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

async function register(
  parts: BuiltInParts,
  { path, bytes, sha256, base }: { path: string; bytes: Buffer; sha256: string; base: string },
): Promise<Adapter> {
  const { readGgufAdapter } = await import("@lorekeep/tune");
  const { rank, alpha } = await readGgufAdapter(path);
  const file = `built-in-${sha256.slice(0, 24)}.gguf`;
  await mkdir(parts.adaptersFolder, { recursive: true, mode: 0o700 });
  const target = join(parts.adaptersFolder, file);
  await writeFile(`${target}.partial`, bytes, { mode: 0o600 });
  await rename(`${target}.partial`, target);
  const measured = await readCard(path);
  return parts.store.adapters.create({
    ...{ name: NAME, base, origin: "built-in", fineTuneId: null, rank, alpha, sha256, file },
    ...{ sizeBytes: bytes.length, passed: true, gate: null, card: measured },
  });
}

/** The card that lies beside the shipped file, if there is one. */
async function readCard(path: string): Promise<Adapter["card"]> {
  const text = await readFile(path.replace(/\.gguf$/, ".card.json"), "utf8").catch(() => "{}");
  return z.record(z.string(), z.unknown()).catch({}).parse(JSON.parse(text));
}

async function forget(parts: BuiltInParts, row: Adapter): Promise<void> {
  const stored = await parts.store.adapters.get(adapterIdOf(row));
  await parts.store.adapters.delete(adapterIdOf(row));
  if (stored !== null) await rm(join(parts.adaptersFolder, stored.file), { force: true });
}
