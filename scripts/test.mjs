// `npm test`: installs what it needs, runs every check and every test, and ends with `N passed, N failed`.
// Arguments after `--` choose parts: npm test -- unit model e2e checks
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ensureInstalled, nodeBinary, runTool } from "./install.mjs";
import { ensureSystemTools } from "./system-tools.mjs";

const asked = process.argv.slice(2);
const wants = (part) => asked.length === 0 || asked.includes(part);
let passed = 0;
let failed = 0;
let skipped = 0;
const failures = [];
const died = [];

function check(name, command, args) {
  const start = Date.now();
  console.log(`\n── ${name}`);
  const result = runTool(command, args);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (result.status === 0) {
    passed += 1;
    console.log(`   ok, ${seconds} s`);
  } else {
    failed += 1;
    failures.push(name);
    console.log(`   FAILED after ${seconds} s`);
  }
}

/**
 * Runs one vitest project, or files of it, and adds its counts; a run that broke before counting is one failure. A file whose
 * process died (not an assertion: V8's registry of compiled pages can fail when many threads come and go, nodejs/node#64500) is run
 * once more, alone, and is named in the end either way.
 */
function vitest(project, folder, files = []) {
  const report = join(folder, `${project}${files.length === 0 ? "" : "-again"}.json`);
  console.log(`\n── tests: ${project}${files.length === 0 ? "" : `, again: ${files.join(", ")}`}`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const result = runTool("vitest", ["run", "--project", project, ...reporters, ...files]);
  try {
    const counts = JSON.parse(readFileSync(report, "utf8"));
    const broken = counts.testResults.filter(
      (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
    );
    const isAgain = files.length > 0;
    const partly = isAgain ? [] : broken.flatMap((file) => file.assertionResults);
    passed += counts.numPassedTests - partly.filter((test) => test.status === "passed").length;
    failed += counts.numFailedTests;
    skipped += (counts.numPendingTests ?? 0) + (counts.numTodoTests ?? 0);
    for (const file of counts.testResults)
      for (const test of file.assertionResults)
        if (test.status === "failed") failures.push(`${project}: ${test.fullName}`);
    if (isAgain || broken.length > 3) {
      failed += broken.length;
      failures.push(...broken.map((file) => `${project}: ${file.name} did not run`));
    } else if (broken.length > 0) {
      const paths = broken.map((file) => relative(process.cwd(), file.name));
      died.push(...paths);
      vitest(project, folder, paths);
    } else if (result.status !== 0 && counts.numFailedTests === 0 && counts.success !== false) {
      failed += 1;
      failures.push(`${project}: an error outside of any test`);
    }
  } catch {
    failed += 1;
    failures.push(`${project}: the run broke before it could report`);
  }
}

ensureInstalled();
for (const sentence of ensureSystemTools()) console.error(sentence);

if (wants("checks")) {
  check("lock file holds every entry", nodeBinary, ["scripts/check-lockfile.mjs"]);
  check("layout (prettier)", "prettier", ["--check", "--log-level", "warn", "."]);
  check("types", "npm", ["run", "--silent", "typecheck"]);
  check("lint (eslint, typed rules)", "eslint", [".", "--max-warnings", "0"]);
  check("layers, cycles, names (dependency-cruiser)", "npm", ["run", "--silent", "boundaries"]);
  check("documents stay short and true", nodeBinary, ["scripts/check-docs.mjs"]);
}
if (wants("checks") || wants("e2e")) check("build (turbo)", "turbo", ["run", "build", "--output-logs=errors-only"]);
if (wants("model") || wants("e2e")) {
  // Not counted: it reports what is missing, and the tests that need it skip with that reason.
  console.log("\n── models");
  runTool(nodeBinary, ["scripts/fetch-models.ts"]);
}

const folder = mkdtempSync(join(tmpdir(), "lorekeep-test-"));
for (const project of ["unit", "model", "e2e"]) if (wants(project)) vitest(project, folder);
rmSync(folder, { recursive: true, force: true });

if (died.length > 0) console.log(`\nDied once and was run again: ${died.join(", ")}`);
if (failures.length > 0) console.log(`\nFailed:\n  ${failures.join("\n  ")}`);
if (skipped > 0) console.log(`\n${skipped} skipped, each with its reason above.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
