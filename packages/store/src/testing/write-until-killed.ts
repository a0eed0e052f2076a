/**
 * A child process for crash tests: `node write-until-killed.ts PATH MODE`. Seeds nothing; works on the one collection of
 * the database and prints a line after each step, so that the parent can kill it between any two.
 */
import { chunksOf, newDocument, openTestStore } from "./seed-store.ts";

const [path, mode] = process.argv.slice(2) as [string, "replace" | "delete" | "claim"];
const store = openTestStore({ path });
const [collection] = (await store.collections.list({ limit: 1 })).items;
const say = (line: string) => new Promise<void>((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
await say("open");

if (mode === "replace") {
  const texts = Array.from({ length: 40 }, (_, at) => `new text ${at}`);
  const { document } = await store.documents.admit(newDocument(collection!, { name: "a.txt", texts }));
  await say("admitted");
  const versionId = await store.versions.begin({
    documentId: document.id,
    generationId: collection!.generationId,
    blob: document.blob,
  });
  await say("begun");
  const chunks = chunksOf(texts);
  for (let from = 0; from < chunks.length; from += 4) {
    await store.versions.stageChunks(versionId, chunks.slice(from, from + 4));
    await say("staged");
  }
  await store.versions.publish(versionId);
  await say("published");
}
if (mode === "delete") {
  const [document] = (await store.documents.list({ limit: 1 })).items;
  await store.documents.delete(document!.id);
  await say("deleted");
  while ((await store.versions.purgeDeleted(4)).removedRows > 0) await say("purged");
  await say("clean");
}
if (mode === "claim") {
  for (;;) {
    const job = store.jobRows.claim({
      kinds: [{ kind: "k", concurrency: 1000 }],
      owner: String(process.pid),
      now: new Date(),
      leaseMs: 60_000,
    });
    if (job === null) break;
    await say(job.id);
  }
}
await say("end");
// Stays until it is killed, so that the parent decides when that is.
setInterval(() => undefined, 1000);
