import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordingLogger } from "@lorekeep/core/testing";
import { LOCAL_ACTOR } from "./access.ts";
import { backupTo, restore } from "./backup.ts";
import { runDoctor } from "./doctor.ts";
import { loadConfig } from "./load-config.ts";
import { openPlatform } from "./open-platform.ts";
import { openTestHouse, temporaryFolder } from "./testing/open-test-platform.ts";

const PUMP = "The pump is serviced every 400 operating hours. Use oil of grade SAE 30.";

const configOf = (folder: string) =>
  loadConfig({ env: {}, flags: { dataFolder: join(folder, "data"), offline: true } }).config;

test.each(["backup.tar", "backup.tar.gz"])(
  "L1: %s, written while serving, gives the same results on a clean machine",
  async (name) => {
    await using house = await openTestHouse();
    const target = temporaryFolder();
    try {
      const { document } = await house.upload("泵.txt", PUMP);
      await house.settled(document.id);
      const request = { query: "pump oil", limit: 5, mode: "hybrid", explain: false } as const;
      const before = await house.platform.assistant.search(LOCAL_ACTOR, request);
      expect(before.results).toHaveLength(1);
      const file = join(target, name);
      // An upload runs while the backup is written.
      const [outcome] = await Promise.all([
        backupTo(house.platform, file),
        ...Array.from({ length: 5 }, (_, number) => house.upload(`${number}.txt`, `Other text ${number}.`)),
      ]);
      expect(outcome).toMatchObject({ missingBlobs: 0 });
      await expect(backupTo(house.platform, file)).rejects.toMatchObject({ code: "conflict" });

      const config = configOf(target);
      await restore(config, file, { logger: recordingLogger() });
      const platform = await openPlatform({ config, logger: recordingLogger(), drivers: { models: house.models } });
      const after = await platform.assistant.search(LOCAL_ACTOR, { ...request, limit: 1 });
      expect(after.results[0]).toMatchObject({
        chunkId: before.results[0]!.chunkId,
        text: before.results[0]!.text,
        span: before.results[0]!.span,
        documentName: "泵.txt",
      });
      expect(await platform.blobs.has(document.blob)).toBe(true);
      await platform.close();
      const report = await runDoctor(config, { logger: recordingLogger(), drivers: { models: house.models } });
      expect(report.checks.filter((check) => !check.ok)).toEqual([]);
    } finally {
      rmSync(target, { recursive: true, force: true });
    }
  },
);

test("restores only into an empty folder, and leaves nothing of a damaged backup", async () => {
  await using house = await openTestHouse();
  const target = temporaryFolder();
  try {
    const { document } = await house.upload("a.txt", PUMP);
    await house.settled(document.id);
    const file = join(target, "backup.tar");
    await backupTo(house.platform, file);
    const logger = recordingLogger();
    await expect(restore(house.platform.config, file, { logger })).rejects.toMatchObject({ code: "conflict" });

    const bytes = readFileSync(file);
    const config = configOf(target);
    const damaged = join(target, "damaged.tar");
    for (const at of [0.3, 0.6, 0.9]) {
      writeFileSync(damaged, bytes.subarray(0, Math.floor(bytes.length * at)));
      await expect(restore(config, damaged, { logger })).rejects.toMatchObject({ code: "request_invalid" });
    }
    // A byte of the database, and one of the original.
    for (const needle of ["SQLite format 3", "The pump is serviced"]) {
      const flipped = Buffer.from(bytes);
      flipped[flipped.lastIndexOf(needle) + 20]! ^= 1;
      writeFileSync(damaged, flipped);
      await expect(restore(config, damaged, { logger })).rejects.toMatchObject({ code: "request_invalid" });
    }
    await expect(restore(config, join(target, "nowhere"), { logger })).rejects.toMatchObject({ code: "not_found" });
    // After all these failures the folder is still empty enough for the real one.
    await restore(config, file, { logger });
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
});

test("keeps originals in place while a backup copies them", async () => {
  await using house = await openTestHouse();
  const target = temporaryFolder();
  try {
    const { document } = await house.upload("a.txt", PUMP);
    await house.settled(document.id);
    let isDeleted = false;
    const { upkeep } = house.platform.store;
    const copy = upkeep.backupTo.bind(upkeep);
    upkeep.backupTo = async (path) => {
      await copy(path);
      // Between the copy of the database and that of the originals.
      await house.platform.library.deleteDocument(LOCAL_ACTOR, document.id);
      isDeleted = true;
    };
    const outcome = await backupTo(house.platform, join(target, "backup.tar"));
    expect(isDeleted).toBe(true);
    expect(outcome).toMatchObject({ documentBlobs: 1, missingBlobs: 0 });
    await house.idle();
    expect(await house.platform.blobs.has(document.blob)).toBe(false);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
});
