// Reports every dependency that the lock file names without holding an entry for it.
// npm drops other platforms' optional packages when it rewrites a lock beside an existing
// node_modules; `npm ci` then still passes here and fails on another platform.
import { readFileSync } from "node:fs";

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
const packages = lock.packages ?? {};

/** True when node's resolution from `from` finds `name` in the lock. */
function resolves(from, name) {
  let folder = from;
  for (;;) {
    const candidate = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[candidate]) return true;
    if (folder === "") return false;
    const cut = folder.lastIndexOf("/node_modules/");
    if (cut >= 0) folder = folder.slice(0, cut);
    else folder = "";
  }
}

const missing = [];
for (const [path, entry] of Object.entries(packages)) {
  const optionalPeers = entry.peerDependenciesMeta ?? {};
  const wanted = { ...entry.dependencies, ...entry.optionalDependencies };
  for (const name of Object.keys(entry.peerDependencies ?? {})) {
    if (!optionalPeers[name]?.optional) wanted[name] = "peer";
  }
  for (const name of Object.keys(wanted)) {
    if (!resolves(path, name)) missing.push(`${name} (wanted by ${path === "" ? "the root" : path})`);
  }
}
if (missing.length > 0) {
  console.error(`package-lock.json lacks ${missing.length} entries:\n  ${missing.join("\n  ")}`);
  console.error("Make it anew: remove node_modules and package-lock.json, then npm install --package-lock-only.");
  process.exit(1);
}
console.log(`package-lock.json holds all of its ${Object.keys(packages).length} entries.`);
