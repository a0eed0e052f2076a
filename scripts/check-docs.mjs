// The promises that the documents make about themselves: README ≤ 120 lines, ARCHITECTURE ≤ 250, AGENTS ≤ 80, package
// READMEs ≤ 40, every file they point to exists, and the two pipelines fit on a screen.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./install.mjs";

const problems = [];
const limits = { "README.md": 120, "ARCHITECTURE.md": 250, "AGENTS.md": 80 };
for (const folder of ["packages", "apps"]) {
  for (const name of readdirSync(join(root, folder))) {
    if (existsSync(join(root, folder, name, "README.md"))) limits[`${folder}/${name}/README.md`] = 40;
  }
}
for (const [file, limit] of Object.entries(limits)) {
  if (!existsSync(join(root, file))) {
    problems.push(`${file} is missing`);
    continue;
  }
  const text = readFileSync(join(root, file), "utf8");
  const lines = text.trimEnd().split("\n").length;
  if (lines > limit) problems.push(`${file} has ${lines} lines, more than ${limit}`);
  for (const match of text.matchAll(
    /`((?:packages|apps|scripts|migrations|fixtures|e2e|bench)\/[\w./-]+\.(?:ts|tsx|md|mjs|sql|json))`/g,
  )) {
    if (!existsSync(join(root, match[1]))) problems.push(`${file} points to ${match[1]}, which does not exist`);
  }
}
for (const file of ["packages/rag/src/ingest-document.ts", "packages/rag/src/answer-question.ts"]) {
  const code = readFileSync(join(root, file), "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\/?\*|$)/.test(line)).length;
  if (code > 200) problems.push(`${file} has ${code} code lines: a pipeline reads like a table of contents (200)`);
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${Object.keys(limits).length} documents are within their limits and point to files that exist.`);
