import { recordingLogger } from "@lorekeep/core/testing";
import { expect, test } from "vitest";
import { openWorkerLink, startThread } from "./worker-link.ts";

const settings = { folder: "", hnsw: "off", exactBelow: 0 } as const;
/** Answers `status` with the generation's id, dies when it is asked to drop something, and never answers anything else. */
const entry = new URL(
  `data:text/javascript,${encodeURIComponent(`
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", ({ id, operation, generationId }) => {
    if (operation === "status") parentPort.postMessage({ type: "result", id, result: generationId });
    if (operation === "drop") throw new Error("out of memory");
    if (operation === "close") {
      parentPort.postMessage({ type: "result", id, result: null });
      parentPort.close();
    }
  });`)}`,
);

test("a worker that dies fails what was asked of it, is started again by the next request, and says so", async () => {
  const logger = recordingLogger();
  let restarts = 0;
  const link = openWorkerLink(startThread(settings, entry), logger, () => void (restarts += 1));
  expect(await link.ask("status", "one", {})).toBe("one");
  const unanswered = link.ask("compact", "one", {});
  const fatal = link.ask("drop", "one", {});
  await expect(fatal).rejects.toMatchObject({ code: "index_unavailable", retry: true });
  await expect(unanswered).rejects.toMatchObject({ code: "index_unavailable" });
  expect(restarts).toBe(1);
  expect(logger.lines.map(({ event }) => event)).toEqual(["index.worker_lost"]);
  expect(await link.ask("status", "two", {})).toBe("two");
  await link.close();
  expect(restarts).toBe(1);
});

test("a closed link refuses, and closing twice is harmless", async () => {
  const link = openWorkerLink(startThread(settings, entry), recordingLogger(), () => undefined);
  await link.ask("status", "one", {});
  await link.close();
  await link.close();
  await expect(link.ask("status", "one", {})).rejects.toMatchObject({ code: "index_unavailable" });
});
