/** Adapters on their way in and out: GGUF as it lies, PEFT's two files in a ZIP. */
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "@lorekeep/core";
import type { Adapter } from "@lorekeep/core";
import { writeCard } from "@lorekeep/rag";
import type { Adaptation } from "../adaptation.ts";
import type { AdaptationParts } from "./parts.ts";

/** Larger than any adapter of a base that runs here. */
const MAX_IMPORT_BYTES = 1 << 30;

type Downloaded = Awaited<ReturnType<Adaptation["adapterFile"]>>;

export async function adapterFile(
  parts: AdaptationParts,
  adapter: Adapter & { file: string },
  format: "gguf" | "peft",
): Promise<Downloaded> {
  const path = join(parts.adaptersFolder, adapter.file);
  const stem = `${adapter.name.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 80)}-v${adapter.version}`;
  if (format === "gguf")
    return { name: `${stem}.gguf`, mediaType: "application/octet-stream", bytes: await readFile(path) };
  const { readGgufAdapter, writePeftZip } = await import("@lorekeep/tune");
  const base = await parts.trainer.openBase(adapter.base);
  const zip = join(parts.temporaryFolder, `adapter-${randomUUID()}.zip`);
  try {
    await writePeftZip(zip, {
      ...(await readGgufAdapter(path)),
      config: base.config,
      baseModel: base.huggingFaceId,
      extraFiles: { "README.md": writeCard({ name: adapter.name, ...adapter.card }) },
    });
    return { name: `${stem}-peft.zip`, mediaType: "application/zip", bytes: await readFile(zip) };
  } finally {
    await rm(zip, { force: true });
  }
}

/** Checked against the base that serves before anything is kept. Throws model_invalid with the reason, request_too_large. */
export async function importAdapterFile(
  parts: AdaptationParts,
  { name, bytes }: Parameters<Adaptation["importAdapter"]>[1],
): Promise<Adapter> {
  const { importAdapter, writeGgufAdapter } = await import("@lorekeep/tune");
  const base = await parts.trainer.openBase(parts.config.models.generator);
  await mkdir(parts.temporaryFolder, { recursive: true, mode: 0o700 });
  const received = join(parts.temporaryFolder, `adapter-${randomUUID()}`);
  const file = `import-${randomUUID()}.gguf`;
  const path = join(parts.adaptersFolder, file);
  try {
    await pipeline(Readable.from(limited(bytes)), createWriteStream(received, { mode: 0o600 }));
    const { adapter, format } = await importAdapter(received, base.config);
    await mkdir(parts.adaptersFolder, { recursive: true, mode: 0o700 });
    await writeGgufAdapter(path, { ...adapter, metadata: { "general.name": name } });
    const written = await readFile(path);
    return await parts.store.adapters.create({
      ...{ name, base: base.name, origin: "import", fineTuneId: null, rank: adapter.rank, alpha: adapter.alpha },
      ...{ sizeBytes: written.length, sha256: createHash("sha256").update(written).digest("hex"), file },
      // Nobody has judged it: neither passed nor refused.
      ...{ passed: false, gate: null, card: { origin: "import", format } },
    });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await rm(received, { force: true });
  }
}

async function* limited(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > MAX_IMPORT_BYTES) throw new AppError("request_too_large", "An adapter file may have at most 1 GiB.");
    yield part;
  }
}
