/**
 * What stands in the models folder: one folder per model with its files and `installed.json`, which says where they came from,
 * what they weigh and how they were converted. A folder without a sound manifest does not count as installed.
 */
import { readFile, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CatalogueEntry } from "./catalogue.ts";
import { sha256OfFile } from "./checksum.ts";

export const MANIFEST_NAME = "installed.json";

export interface InstalledFile {
  readonly sha256: string;
  readonly sizeBytes: number;
}
export interface Manifest {
  readonly version: 1;
  readonly model: string;
  readonly source: string;
  readonly converter: { readonly name: string; readonly version: number } | null;
  /** As fetched; these decide the fingerprint. */
  readonly fetched: Readonly<Record<string, InstalledFile>>;
  /** Everything that must be there to run it. */
  readonly files: Readonly<Record<string, InstalledFile>>;
}
export interface InstalledModel<Entry extends CatalogueEntry = CatalogueEntry> {
  readonly entry: Entry;
  readonly folder: string;
  readonly manifest: Manifest;
}

function isFiles(value: unknown): value is Record<string, InstalledFile> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every(
      (file: unknown) =>
        typeof file === "object" &&
        file !== null &&
        typeof (file as Partial<InstalledFile>).sha256 === "string" &&
        typeof (file as Partial<InstalledFile>).sizeBytes === "number",
    )
  );
}

export function parseManifest(text: string): Manifest | null {
  let value: Partial<Manifest> | null;
  try {
    value = JSON.parse(text) as Partial<Manifest> | null; // every field is checked below
  } catch {
    return null;
  }
  if (value === null) return null;
  const { version, model, source, converter, fetched, files } = value;
  if (version !== 1 || typeof model !== "string" || typeof source !== "string") return null;
  if (!isFiles(fetched) || !isFiles(files)) return null;
  if (converter !== null && (typeof converter?.name !== "string" || typeof converter.version !== "number")) return null;
  return { version, model, source, converter, fetched, files };
}

export async function describeFile(path: string): Promise<InstalledFile> {
  return { sha256: await sha256OfFile(path), sizeBytes: (await stat(path)).size };
}

/** The manifest of a model folder whose files are all there with the sizes it states; else null. Cheap: hashes nothing. */
export async function readInstalled(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, MANIFEST_NAME), "utf8").catch(() => null);
  const manifest = text === null ? null : parseManifest(text);
  if (manifest === null) return null;
  for (const [name, file] of Object.entries(manifest.files)) {
    const info = await stat(join(folder, name)).catch(() => null);
    if (info?.size !== file.sizeBytes) return null;
  }
  return manifest;
}

/** Names of files whose content is not what was installed; empty when sound. Reads everything. */
export async function findDamage(model: InstalledModel): Promise<string[]> {
  const damaged: string[] = [];
  for (const [name, file] of Object.entries(model.manifest.files)) {
    const actual = await sha256OfFile(join(model.folder, name)).catch(() => null);
    if (actual !== file.sha256) damaged.push(name);
  }
  return damaged;
}

/** 16 hex digits that change when the weights, their conversion or `how` they are used could give another result. */
export function fingerprintOf(model: InstalledModel, how: Readonly<Record<string, unknown>>): string {
  const { fetched, converter } = model.manifest;
  const hashes = Object.entries(fetched).map(([name, file]) => `${name} ${file.sha256}`);
  const text = JSON.stringify([hashes.sort(), converter, Object.entries(how).sort()]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
