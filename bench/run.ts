/**
 * `npm run bench -- NAME…`: runs benchmarks one after another, prints each as a table, and writes its JSON under
 * bench/out/. A speed is always a ratio within one run, against a named peer or bound.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { BenchResult } from "./result.ts";

const NAMES = [
  ...(["citations", "dataset", "embed", "generate", "ingest"] as const),
  ...(["lora", "lora-parity", "medquad", "quality", "search"] as const),
] as const;

function printTable(rows: BenchResult["rows"]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => (line[index] ?? "").length)));
  for (const line of cells) console.log(`  ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`);
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(NAMES as readonly string[]).includes(name));
if (asked.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no benchmark ${unknown.join(", ")}.`);
  console.error(`npm run bench -- NAME…   with NAME one of ${NAMES.join(", ")}`);
  process.exit(2);
}
const out = join(import.meta.dirname, "out");
mkdirSync(out, { recursive: true });
for (const name of asked) {
  const module = (await import(`./${name}.ts`)) as { run(): Promise<BenchResult> };
  const result = await module.run();
  console.log(`\n${result.name}`);
  printTable(result.rows);
  for (const note of result.notes) console.log(`  ${note}`);
  const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? "unknown", memoryBytes: totalmem() };
  const record = { ...result, date: new Date().toISOString(), commit: commit(), node: process.version, machine };
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
}
process.exit(0);
