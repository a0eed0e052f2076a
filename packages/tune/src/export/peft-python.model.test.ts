/**
 * PEFT itself loads what we export. Runs where a Python with torch, transformers and peft is there (python3, or the one
 * that LOREKEEP_PYTHON names); elsewhere peft.test.ts compares with the numbers recorded from this very run (recorded anew
 * with LOREKEEP_RECORD=1, when the ZIP file's bytes change for a good reason).
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openGguf } from "../gguf/reader.ts";
import { referenceLogits } from "../gguf/testing/reference-forward.ts";
import { TINY_LLAMA, writeTinyLlama } from "../gguf/testing/tiny-llama.ts";
import { prepareWeights } from "../prepare-weights.ts";
import { writePeftZip } from "./peft.ts";
import { tinyAdapter, tinyWeights } from "./testing/tiny-adapter.ts";

const run = promisify(execFile);
const python = process.env.LOREKEEP_PYTHON ?? "python3";
const script = fileURLToPath(new URL("../../scripts/check_peft.py", import.meta.url));
const IDS = [1, 7, 44, 3, 3, 20, 31];

const probe = "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ('torch', 'transformers', 'peft'))))";
const hasPeft = await run(python, ["-c", probe]).then(
  () => true,
  () => false,
);
if (!hasPeft) console.log(`skipped: ${python} has no torch, transformers and peft`);

test.skipIf(!hasPeft)(
  "PEFT computes with the exported adapter what W + alpha/rank·B·A gives in our layout",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "peft-"));
    try {
      await writeTinyLlama(join(folder, "model.gguf"));
      await using gguf = await openGguf(join(folder, "model.gguf"));
      const { weightsPath } = await prepareWeights({ gguf, folder });
      const adapter = tinyAdapter();
      const zip = join(folder, "adapter.zip");
      await writePeftZip(zip, { ...adapter, config: TINY_LLAMA, baseModel: "tiny" });
      const manifest = weightsPath.replace(/\.f32$/, ".json");
      const inputs = ["--weights", weightsPath, "--manifest", manifest, "--adapter", zip, "--ids", IDS.join(",")];
      const { stdout } = await run(python, [script, ...inputs], { maxBuffer: 1 << 26 });
      const peft = JSON.parse(stdout) as { logits: number[][]; base: number[][]; versions: Record<string, string> };
      expect(worst(peft.base, referenceLogits(TINY_LLAMA, tinyWeights(null), IDS))).toBeLessThan(1e-4);
      expect(worst(peft.logits, referenceLogits(TINY_LLAMA, tinyWeights(adapter), IDS))).toBeLessThan(1e-4);
      expect(worst(peft.logits, peft.base)).toBeGreaterThan(0.5);
      const zipSha256 = createHash("sha256")
        .update(await readFile(zip))
        .digest("hex");
      const fixture = new URL("./testing/peft-logits.json", import.meta.url);
      if (process.env.LOREKEEP_RECORD === "1") {
        const logits = peft.logits.map((row) => row.map((value) => Number(value.toPrecision(8))));
        await writeFile(fixture, `${JSON.stringify({ recordedWith: peft.versions, ids: IDS, zipSha256, logits })}\n`);
      }
      expect(JSON.parse(await readFile(fixture, "utf8"))).toMatchObject({ ids: IDS, zipSha256 });
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

function worst(found: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): number {
  return Math.max(...found.flatMap((row, t) => Array.from(row, (value, i) => Math.abs(value - expected[t]![i]!))));
}
