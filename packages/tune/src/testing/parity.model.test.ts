import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultModelsFolder, findInstalled, findModel } from "@lorekeep/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prepareParity, readParityFixture, runParity } from "./parity.ts";

const model = await findInstalled(findModel("smollm2-135m-instruct")!, defaultModelsFolder(process.env));
if (model === null)
  console.warn("K2 against PEFT is skipped: smollm2-135m-instruct is not installed and no source is reachable.");

describe.skipIf(model === null)("training SmolLM2-135M", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "lorekeep-parity-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("has PEFT's losses, within 1 %, over twenty steps on the same batches (K2)", async () => {
    const { examples, losses } = await readParityFixture();
    const run = await prepareParity(join(model!.folder, "model.gguf"), folder, examples, "small");
    const { lossSeries } = await runParity(run, examples, join(folder, "run"), "small");
    expect(lossSeries).toHaveLength(losses.length);
    lossSeries.forEach(({ loss }, step) =>
      expect(Math.abs(loss / losses[step]! - 1), `step ${step}`).toBeLessThan(0.01),
    );
  });
});
