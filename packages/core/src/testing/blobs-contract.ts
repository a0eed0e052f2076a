/** What every Blobs must do. `make` gives an empty one. */
import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import type { Blobs } from "../ports/blobs.ts";

/** sha256 of "hello". */
const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const MISSING = "0".repeat(64);
const LIMIT = { maxBytes: 1000 };

async function readAll(stream: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString();
}

async function listAll(blobs: Blobs): Promise<{ sha256: string; sizeBytes: number }[]> {
  const found = [];
  for await (const blob of blobs.list()) found.push(blob);
  return found.sort((a, b) => a.sha256.localeCompare(b.sha256));
}

export function describeBlobs(name: string, make: () => Promise<Blobs>): void {
  describe(`blobs contract: ${name}`, () => {
    let blobs: Blobs;
    beforeEach(async () => {
      blobs = await make();
    });
    const put = (...parts: string[]) => blobs.put(Readable.from(parts.map((part) => Buffer.from(part))), LIMIT);

    test("names bytes by their sha256, however they arrive", async () => {
      expect(await put("hello")).toEqual({ sha256: HELLO, sizeBytes: 5, isNew: true });
      expect(await put("h", "ell", "", "o")).toEqual({ sha256: HELLO, sizeBytes: 5, isNew: false });
      expect(await listAll(blobs)).toEqual([{ sha256: HELLO, sizeBytes: 5 }]);
    });

    test("gives bytes back whole and in ranges, end exclusive", async () => {
      await put("hello");
      expect(await readAll(await blobs.open(HELLO))).toBe("hello");
      expect(await readAll(await blobs.open(HELLO, { start: 1, end: 3 }))).toBe("el");
      expect(await readAll(await blobs.open(HELLO, { start: 2, end: 2 }))).toBe("");
      expect(await blobs.localPath(HELLO)).toContain(HELLO);
    });

    test("holds nothing and everything that fits", async () => {
      expect(await put()).toMatchObject({ sizeBytes: 0, isNew: true });
      expect(await put("x".repeat(1000))).toMatchObject({ sizeBytes: 1000 });
    });

    test("refuses more than maxBytes and leaves nothing behind", async () => {
      await expect(put("x".repeat(600), "y".repeat(401))).rejects.toMatchObject({ code: "request_too_large" });
      expect(await listAll(blobs)).toEqual([]);
    });

    test("leaves nothing behind when the source fails or the caller stops", async () => {
      const failing = Readable.from(
        (async function* () {
          yield Buffer.from("half");
          throw new Error("broken pipe");
        })(),
      );
      await expect(blobs.put(failing, LIMIT)).rejects.toThrow("broken pipe");
      const stop = new AbortController();
      const endless = new Readable({
        read() {
          this.push("x");
          stop.abort();
        },
      });
      await expect(blobs.put(endless, { ...LIMIT, signal: stop.signal })).rejects.toMatchObject({ code: "aborted" });
      await expect(blobs.put(Readable.from(["x"]), { ...LIMIT, signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "aborted",
      });
      expect(await listAll(blobs)).toEqual([]);
    });

    test("says when bytes are not there", async () => {
      expect(await blobs.has(MISSING)).toBe(false);
      await expect(blobs.open(MISSING)).rejects.toMatchObject({ code: "blob_missing" });
      await expect(blobs.localPath(MISSING)).rejects.toMatchObject({ code: "blob_missing" });
      await put("hello");
      await blobs.delete(HELLO);
      await blobs.delete(HELLO);
      expect(await blobs.has(HELLO)).toBe(false);
    });

    test.each(["../../etc/passwd", "..", "", "/etc/passwd", HELLO.toUpperCase(), `${HELLO}/..`, `${HELLO}\0`, "con"])(
      "S1 %j is no name of bytes",
      async (name_) => {
        await put("hello");
        expect(await blobs.has(name_)).toBe(false);
        await expect(blobs.open(name_)).rejects.toMatchObject({ code: "blob_missing" });
        await expect(blobs.localPath(name_)).rejects.toMatchObject({ code: "blob_missing" });
        await expect(blobs.delete(name_)).rejects.toMatchObject({ code: "blob_missing" });
        expect(await blobs.has(HELLO)).toBe(true);
      },
    );

    test("takes the same bytes many times at once", async () => {
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => put("hello")));
      expect(new Set(outcomes.map(({ sha256 }) => sha256))).toEqual(new Set([HELLO]));
      expect(await readAll(await blobs.open(HELLO))).toBe("hello");
      expect(await listAll(blobs)).toHaveLength(1);
    });
  });
}
