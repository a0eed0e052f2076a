import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import { openLogger } from "./open-logger.ts";
import { temporaryFolder } from "./testing/open-test-platform.ts";

test("S13: writes JSON lines with ids and errors, and drops what must never be logged", () => {
  const folder = temporaryFolder();
  try {
    const { logger, close } = openLogger({ level: "info", folder, stderr: null });
    const cause = new Error("disk says no");
    logger.child({ requestId: "r1" }).warn("request.failed", {
      durationMs: 12,
      error: new AppError("disk_full", "The disk is full.", { freeBytes: 0 }, { cause }),
      question: "topsecret",
      apiKey: "topsecret",
      details: { text: "topsecret", count: 3 },
      headers: { authorization: "topsecret", cookie: "topsecret" },
    });
    logger.debug("too.quiet");
    close();
    const lines = readFileSync(join(folder, "lorekeep.log"), "utf8").trim().split("\n");
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("topsecret");
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: "warn",
      event: "request.failed",
      requestId: "r1",
      durationMs: 12,
      details: { count: 3 },
      error: { message: "The disk is full.", code: "disk_full", cause: { message: "disk says no" } },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("begins a new file when the old one has grown too large", () => {
  const folder = temporaryFolder();
  try {
    writeFileSync(join(folder, "lorekeep.log"), Buffer.alloc(20_000_001, "x"));
    const { logger, close } = openLogger({ level: "info", folder, stderr: null });
    logger.info("started");
    close();
    expect(readFileSync(join(folder, "lorekeep.log"), "utf8")).toContain('"event":"started"');
    expect(readFileSync(join(folder, "lorekeep.log.1")).length).toBe(20_000_001);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
