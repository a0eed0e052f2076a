// Builds the web app, or sees within milliseconds that nothing it is made of has changed since the last time. turbo, which
// decides by content and keeps what it built, is only asked when a name, a size or a time differs.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What turbo.json names as inputs of the build (tested), and what decides about the tools. */
export const WEB_INPUTS = [
  "apps/web/src",
  "apps/web/index.html",
  "apps/web/vite.config.ts",
  "apps/web/public",
  "packages/core/src",
  "packages/client/src",
];
const TOOLS = ["apps/web/package.json", "package-lock.json", "turbo.json"];
const OUTPUT = "apps/web/dist/index.html";

function* filesUnder(path) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (info === undefined) return;
  if (!info.isDirectory()) yield `${path} ${info.size} ${info.mtimeMs}`;
  else for (const name of readdirSync(path).sort()) yield* filesUnder(join(path, name));
}

/** 64 hex digits that change when an input or the built page does; null when there is no built page. */
export function webStamp(root) {
  if (statSync(join(root, OUTPUT), { throwIfNoEntry: false }) === undefined) return null;
  const hash = createHash("sha256");
  for (const path of [...WEB_INPUTS, ...TOOLS, OUTPUT])
    for (const line of filesUnder(join(root, path))) hash.update(`${line}\n`);
  return hash.digest("hex");
}

const stampFile = (root) => join(root, "node_modules", ".lorekeep-web");

/** Calls `build` (→ exit status) unless what it would build is there. Returns its status, 0 when nothing had to be done. */
export function ensureWebBuilt(root, build) {
  const found = webStamp(root);
  if (found !== null && readStamp(root) === found) return 0;
  const status = build();
  const made = status === 0 ? webStamp(root) : null;
  if (made !== null) writeFileSync(stampFile(root), made);
  return status;
}

function readStamp(root) {
  try {
    return readFileSync(stampFile(root), "utf8");
  } catch {
    return null; // never built from here
  }
}
