/**
 * Fetches the default models once, before the tests that need them, into the shared models folder. Where no source is
 * reachable it says so and the tests on real weights skip themselves with that reason.
 */
import { toAppError, type Logger } from "@lorekeep/core";
import { defaultModelsFolder, openModels } from "../packages/models/src/index.ts";

const WANTED = ["multilingual-e5-small", "all-MiniLM-L6-v2", "smollm2-135m-instruct"];
const nothing = (): void => undefined;
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silent };

const models = openModels({
  folder: defaultModelsFolder(process.env),
  source: "auto",
  sourceFolder: null,
  offline: process.env.LOREKEEP_OFFLINE === "1",
  embedder: "multilingual-e5-small",
  generator: "smollm2-135m-instruct",
  openaiApiKey: null,
  threads: 0,
  parallelAnswers: 1,
  logger: silent,
});
try {
  for (const name of WANTED) {
    const started = performance.now();
    try {
      await models.pull(name);
      console.error(`${name} is there (${((performance.now() - started) / 1000).toFixed(1)} s).`);
    } catch (error) {
      console.error(`${name} cannot be fetched: ${toAppError(error).message}`);
    }
  }
} finally {
  await models.close();
}
