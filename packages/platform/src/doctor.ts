/**
 * Looks a data folder over and says what is wrong and what to do. It changes nothing and may run beside the server.
 * `ok` is true only when every check passes; keys that begin with `orphan` count things that belong to nothing.
 */
import { cp, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { toAppError } from "@lorekeep/core";
import type { Config, Logger } from "@lorekeep/core";
import { readEvictionPolicy } from "@lorekeep/jobs";
import { listAllCollections } from "./access.ts";
import { dataPaths } from "./data-folder.ts";
import { describeConfig } from "./load-config.ts";
import { openPlatform } from "./open-platform.ts";
import type { OpenPlatformOptions } from "./open-platform.ts";
import type { Platform } from "./platform.ts";
import { SETTLED_MS } from "./purge.ts";
import { findServer } from "./server-info.ts";

export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** A sentence for people: what was found, and what to do when it is wrong. */
  readonly detail: string;
}

export interface DoctorReport {
  readonly ok: boolean;
  readonly version: string | null;
  readonly checks: readonly DoctorCheck[];
  readonly storage: Readonly<Record<string, number>>;
  readonly config: Config;
}

const OLDEST_NODE = [22, 18] as const;
const LITTLE_SPACE_BYTES = 500_000_000;
/** Comparing an index with its rows reads every vector; above this it is left to the nightly job. */
const MAX_COMPARED_VECTORS = 200_000;

interface Findings {
  readonly checks: DoctorCheck[];
  readonly storage: Record<string, number>;
}

export async function runDoctor(
  config: Config,
  options: { logger: Logger; drivers?: OpenPlatformOptions["drivers"] },
): Promise<DoctorReport> {
  const findings: Findings = { checks: [], storage: {} };
  checkNode(findings);
  await checkDisk(findings, config);
  const paths = dataPaths(config);
  const server = await findServer(paths.serverInfo);
  add(
    findings,
    "server",
    true,
    server ? `Serving at ${server.url} since ${server.startedAt}.` : "No server is running.",
  );
  // Index files are looked at in a copy: comparing may heal them, and the doctor changes nothing.
  const indexFolder = join(paths.temporary, `doctor-${process.pid}`);
  let version: string | null = null;
  try {
    await cp(paths.index, indexFolder, { recursive: true }).catch(ignoreAbsent);
    await using platform = disposable(await openPlatform({ config, role: "tool", indexFolder, ...options }));
    ({ version } = platform);
    await checkDatabase(findings, platform);
    await checkBlobs(findings, platform);
    await checkIndexes(findings, platform);
    await checkModels(findings, platform);
    await checkQueue(findings, platform);
  } catch (error) {
    add(findings, "open", false, `The data folder cannot be opened: ${toAppError(error).message}`);
  } finally {
    await rm(indexFolder, { recursive: true, force: true });
  }
  const { checks, storage } = findings;
  return { ok: checks.every((check) => check.ok), version, checks, storage, config: describeConfig(config) };
}

/** No index yet, or a server that is just replacing one: the doctor's copy is then read from the rows. */
function ignoreAbsent(error: unknown): void {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") throw error;
}

const disposable = (platform: Platform): Platform & AsyncDisposable => ({
  ...platform,
  [Symbol.asyncDispose]: () => platform.close(),
});

function add({ checks }: Findings, name: string, ok: boolean, detail: string): void {
  checks.push({ name, ok, detail });
}

function checkNode(findings: Findings): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  add(findings, "node", ok, `Node ${process.versions.node}; ${OLDEST_NODE.join(".")} or later is needed.`);
}

async function checkDisk(findings: Findings, config: Config): Promise<void> {
  try {
    const { bavail, bsize } = await statfs(config.dataFolder);
    const freeBytes = bavail * bsize;
    const ok = freeBytes >= LITTLE_SPACE_BYTES;
    const advice = ok ? "" : " Make room: below this, imports begin to fail.";
    add(
      findings,
      "disk",
      ok,
      `${Math.round(freeBytes / 1e6)} MB are free on the disk of ${config.dataFolder}.${advice}`,
    );
  } catch {
    add(findings, "disk", true, `The data folder ${config.dataFolder} does not exist yet; the first start makes it.`);
  }
}

async function checkDatabase(findings: Findings, { store }: Platform): Promise<void> {
  const faults = await store.upkeep.integrity();
  const advice = "Restore the last backup (`lorekeep restore FILE`) into an empty data folder.";
  add(
    findings,
    "database",
    faults.length === 0,
    faults.length === 0 ? "The database is sound." : `${faults.join("; ")}. ${advice}`,
  );
  const orphans = await store.upkeep.orphans();
  for (const [kind, count] of Object.entries(orphans)) findings.storage[orphanKey(kind)] = count;
  const total = Object.values(orphans).reduce((sum, count) => sum + count, 0);
  const found = Object.entries(orphans)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  const detail =
    total === 0
      ? "Every row belongs to something."
      : `Rows that belong to nothing: ${found.join(", ")}. Run \`lorekeep reindex\`.`;
  add(findings, "rows", total === 0, detail);
}

const orphanKey = (kind: string): string =>
  kind.startsWith("orphan") ? kind : `orphan${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

/** Both directions: originals that no document uses, and documents whose original is gone. */
async function checkBlobs(findings: Findings, { store, blobs }: Platform): Promise<void> {
  let orphanBlobs = 0;
  for await (const { sha256 } of blobs.list()) {
    if (await store.documents.isBlobUsed(sha256)) continue;
    const { mtimeMs } = await stat(await blobs.localPath(sha256));
    if (Date.now() - mtimeMs > SETTLED_MS) orphanBlobs += 1;
  }
  let orphanDocuments = 0;
  let cursor: string | undefined;
  do {
    const page = await store.documents.list({ limit: 200, cursor });
    for (const { blob } of page.items) if (!(await blobs.has(blob))) orphanDocuments += 1;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  Object.assign(findings.storage, { orphanBlobs, orphanDocuments });
  add(
    findings,
    "originals",
    orphanBlobs + orphanDocuments === 0,
    orphanBlobs + orphanDocuments === 0
      ? "Every original has its document, and every document its original."
      : `${orphanBlobs} originals without a document (\`lorekeep reindex\` removes them), ${orphanDocuments} documents without their original (upload them again).`,
  );
}

async function checkIndexes(findings: Findings, { store, index, config }: Platform): Promise<void> {
  const counts = { orphanVectors: 0, missingVectors: 0 };
  let skipped = 0;
  for (const { generationId } of await listAllCollections(store.collections)) {
    if ((await store.vectors.countVectors(generationId)) > MAX_COMPARED_VECTORS) {
      skipped += 1;
      continue;
    }
    const { missing, orphans } = await index.verify(generationId);
    counts.missingVectors += missing;
    counts.orphanVectors += orphans;
  }
  const orphanIndexFolders = await countStrayIndexes(store, dataPaths(config).index);
  Object.assign(findings.storage, counts, { orphanIndexFolders });
  const ok = counts.orphanVectors + counts.missingVectors + orphanIndexFolders === 0;
  const note = skipped > 0 ? ` ${skipped} large ones are left to the nightly job.` : "";
  const fault = `${counts.missingVectors} vectors missing, ${counts.orphanVectors} too many, ${orphanIndexFolders} stray files. Run \`lorekeep reindex\`.`;
  add(findings, "index", ok, (ok ? "Every index agrees with its rows." : fault) + note);
}

/** Index files are named after their generation; those of no known one are left over. */
async function countStrayIndexes(store: Platform["store"], folder: string): Promise<number> {
  const known = (await store.collections.generations()).map(({ id }) => String(id));
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith("gen_") && !known.some((id) => name.startsWith(id))).length;
}

async function checkModels(findings: Findings, { models, config }: Platform): Promise<void> {
  for (const model of (await models.list()).filter((each) => each.inUse)) {
    const ok = model.state === "ready" || model.state === "loading";
    const advice = config.offline
      ? "Put it into the models folder by hand, or unset LOREKEEP_OFFLINE and run `lorekeep models pull`."
      : `Run \`lorekeep models pull ${model.name}\`.`;
    const detail = ok ? `${model.name} is there.` : `${model.name} is ${model.state}. ${model.detail ?? ""} ${advice}`;
    add(findings, model.role, ok, detail);
  }
}

async function checkQueue(findings: Findings, { queue, config, logger }: Platform): Promise<void> {
  if (config.redisUrl !== null) await checkRedis(findings, config.redisUrl, logger);
  const counts = await queue.counts();
  const dead = counts.dead;
  const waiting = counts.queued + counts.scheduled + counts.running;
  const detail = `${waiting} jobs to do, ${dead} given up${dead > 0 ? " (see the admin's job list)" : ""}.`;
  add(findings, "jobs", true, detail);
}

/** Redis must never make room by throwing jobs away (J7). */
async function checkRedis(findings: Findings, url: string, logger: Logger): Promise<void> {
  try {
    const policy = await readEvictionPolicy(url, logger);
    const ok = policy === null || policy === "noeviction";
    const advice = ok ? "" : " Set maxmemory-policy noeviction in its configuration, or jobs may vanish.";
    add(
      findings,
      "redis",
      ok,
      `Redis answers; when its memory is full it uses ${policy ?? "an unknown policy"}.${advice}`,
    );
  } catch (error) {
    add(findings, "redis", false, `${toAppError(error).message} Imports wait until it is back.`);
  }
}
