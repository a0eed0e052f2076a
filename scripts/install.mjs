// Brings node_modules to what package-lock.json says, and nothing more: skipped when it is already so, so that a second
// start needs no network. Runs on any Node from 20 on; everything after it runs on the Node that the lock file pins.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, "node_modules", ".lorekeep-install");
/** The pinned Node: `node` is a dependency like any other. */
export const nodeBinary = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");

/** Environment in which the pinned Node and the workspace's tools come first, and no tool phones home. */
export function toolEnvironment(extra = {}) {
  const separator = process.platform === "win32" ? ";" : ":";
  return {
    ...process.env,
    PATH: `${join(root, "node_modules", ".bin")}${separator}${process.env.PATH ?? ""}`,
    TURBO_TELEMETRY_DISABLED: "1",
    ORT_DISABLE_TELEMETRY: "1",
    DO_NOT_TRACK: "1",
    ...extra,
  };
}

/** True when the optional HNSW addon was compiled. */
function hasAddon() {
  return existsSync(join(root, "node_modules", "hnswlib-node", "build", "Release", "addon.node"));
}

/** Compiler flags for the HNSW addon: wide vector instructions where this processor has them. */
function addonEnvironment() {
  let flags = "";
  try {
    const cpu = readFileSync("/proc/cpuinfo", "utf8");
    if (/\bavx2\b/.test(cpu) && /\bfma\b/.test(cpu)) flags = "-mavx2 -mfma";
    if (/\bavx512f\b/.test(cpu) && /\bavx512dq\b/.test(cpu)) flags += " -mavx512f -mavx512dq";
  } catch {
    // Not Linux: the compiler's defaults are right everywhere.
  }
  return flags === "" ? {} : { CXXFLAGS: `${process.env.CXXFLAGS ?? ""} ${flags}`.trim() };
}

/** Installs when the lock file changed since the last install. Throws with npm's own words when it fails. */
export function ensureInstalled() {
  const lock = readFileSync(join(root, "package-lock.json"));
  const stamp = createHash("sha256").update(lock).update(process.platform).update(process.arch).digest("hex");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp && existsSync(nodeBinary)) return false;
  console.error("Installing dependencies (about a minute the first time) …");
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...addonEnvironment() },
    shell: process.platform === "win32",
  });
  if (result.status !== 0) {
    console.error("npm ci failed: see its message above. A C++ compiler and Python are needed for one optional addon.");
    process.exit(result.status ?? 1);
  }
  if (!hasAddon())
    console.error("The HNSW addon was not compiled: vector search will scan exactly (slower above 100,000 chunks).");
  writeFileSync(stampFile, stamp);
  return true;
}

/** Runs a tool of the workspace under the pinned Node; its stdout goes to stderr so that ours stays scriptable. */
export function runTool(command, args, options = {}) {
  return spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: toolEnvironment(options.env),
    shell: process.platform === "win32",
  });
}
