import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  readonly violations: readonly { id: string; impact: string; nodes: readonly { target: string[] }[] }[];
}

/** Serious and critical findings of axe-core, as sentences. Evaluated over the protocol, so the page's own policy stays strict. */
export async function axeFindings(at: Page): Promise<string[]> {
  await at.evaluate(AXE);
  const result: AxeResult = await at.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return result.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}
