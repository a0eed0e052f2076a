import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordingLogger, waitUntil } from "@lorekeep/core/testing";
import { openCheckpoints } from "./checkpoints.ts";
import { openDatabase } from "./open-database.ts";

test("the log's pages reach the file without the writer's doing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "store-checkpoints-"));
  const path = join(folder, "a.db");
  const logger = recordingLogger();
  const checkpoints = openCheckpoints(path, { logger, logBytes: 50_000 });
  const connection = openDatabase(path, { onCommit: checkpoints.noteCommit });
  connection.sqlite.exec("CREATE TABLE a (text TEXT)");
  const insert = connection.sqlite.prepare("INSERT INTO a VALUES (?)");
  // `log` and `checkpointed` are counted in pages; NOOP only looks.
  const look = () => (connection.sqlite.pragma("wal_checkpoint(NOOP)") as { checkpointed: number }[])[0]!.checkpointed;
  await waitUntil(
    () => {
      connection.write(() => insert.run("x".repeat(5000)));
      return look() > 0;
    },
    { what: "a checkpoint by the thread", everyMs: 1 },
  );
  connection.sqlite.close();
  await checkpoints.close();
  expect(logger.lines).toEqual([]);
  rmSync(folder, { recursive: true });
});
