/**
 * A process that dies in the middle: opens a house on the folder given, takes in documents, and says so on stdout at the
 * moment at which its parent is to kill it. `node crash-child.ts FOLDER COUNT`.
 */
import { Readable } from "node:stream";
import { LOCAL_ACTOR } from "../access.ts";
import { loadConfig } from "../load-config.ts";
import { openPlatform } from "../open-platform.ts";
import { fakeModels } from "./fake-models.ts";

const [dataFolder, count] = process.argv.slice(2);
if (dataFolder === undefined || count === undefined) throw new Error("crash-child.ts FOLDER COUNT");

const models = fakeModels();
const platform = await openPlatform({
  config: loadConfig({ env: {}, flags: { dataFolder, offline: true, logLevel: "silent" } }).config,
  drivers: { models },
});
const ids: string[] = [];
for (let number = 0; number < Number(count); number += 1) {
  const bytes = Readable.from([Buffer.from(`Document ${number} tells about subject${number}. `.repeat(40))]);
  const request = { collection: undefined, name: `${number}.txt`, mediaType: null, metadata: {}, bytes };
  ids.push((await platform.library.upload(LOCAL_ACTOR, request)).document.id);
}
let calls = 0;
models.beforeEmbed = async () => {
  calls += 1;
  // Some are done by then, some are in the middle, the rest wait.
  if (calls === 4) process.stdout.write(`${JSON.stringify(ids)}\n`);
  if (calls >= 4) await new Promise(() => undefined);
};
await platform.startWorker();
