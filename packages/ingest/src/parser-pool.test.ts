import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { recordingLogger, waitUntil } from "@lorekeep/core/testing";
import type { Parser } from "@lorekeep/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openParserPool } from "./parser-pool.ts";
import { parseDocument } from "./parse/index.ts";
import { launcherWithoutNetwork } from "./without-network.ts";
import { expectWellFormed, FIXTURES, fixture } from "./testing/parsed-invariants.ts";

const path = (name: string): string => fileURLToPath(new URL(name, FIXTURES));
const order = (name: string) => ({ path: path(name), name, mediaType: null });
const LIMITS = { processes: 2, memoryBytes: 1_000_000_000, timeoutMs: 60_000 };
const odd = (limits: Partial<typeof LIMITS> = {}): Parser =>
  openParserPool({
    ...LIMITS,
    ...limits,
    logger: recordingLogger(),
    entry: new URL("./testing/odd-child.ts", import.meta.url),
  });
const asked = (name: string) => ({ path: path("bus.html"), name, mediaType: null });
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("with real parsers", () => {
  let pool: Parser;
  let folder: string;
  const logger = recordingLogger();
  beforeAll(async () => {
    pool = openParserPool({ ...LIMITS, logger });
    folder = await mkdtemp(join(tmpdir(), "lorekeep-pool-"));
  });
  afterAll(async () => {
    await pool.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(["lorekeep-handbook.zh.md", "service-bulletin.pdf", "maintenance.docx", "stores.xlsx", "readings.csv"])(
    "gives for %s exactly what parsing here gives",
    async (name) => {
      const parsed = await pool.parse(order(name));
      expectWellFormed(parsed);
      expect(parsed).toEqual(await parseDocument(fixture(name), { name, mediaType: null }));
    },
  );

  test("reads a stored original, whose name has no ending", async () => {
    const stored = join(folder, "9f86d081884c7d65");
    await copyFile(path("service-bulletin.pdf"), stored);
    await expect(pool.parse({ path: stored, name: "service-bulletin.pdf", mediaType: null })).resolves.toMatchObject({
      pageCount: 3,
    });
  });

  test("C1 reads a large PDF from its file, whatever its name, and leaves nothing behind", async () => {
    const source = fixture("service-bulletin.pdf");
    const line = source.indexOf("\n") + 1;
    const padding = Buffer.alloc(33_000_000, "x");
    padding.write("%");
    padding.write("\n", padding.length - 1);
    const stored = join(folder, "1b4f0e9851971998");
    await writeFile(stored, Buffer.concat([source.subarray(0, line), padding, source.subarray(line)]));
    const links = async () => (await readdir(tmpdir())).filter((name) => name.startsWith("lorekeep-pdf-"));
    const before = await links();
    const parsed = await pool.parse({ path: stored, name: "large.pdf", mediaType: null });
    expect(parsed.pageCount).toBe(3);
    expect((await links()).filter((name) => !before.includes(name))).toEqual([]);
  });

  test("C4 poisoned files fail alone, each with its own code; the others succeed", async () => {
    const poisoned = ["protected.pdf", "truncated.pdf", "empty.txt", "image-only.pdf", "protected.docx", "picture.png"];
    const sound = ["bus.html", "crew.json", "stories.epub", "chinese.pdf", "two-columns.pdf", "duty-log.gb18030.txt"];
    const names = poisoned.flatMap((name, at) => [name, sound[at]!]);
    const outcomes = await Promise.all(
      names.map((name) =>
        pool.parse(order(name)).then(
          () => "text",
          (error: { code: string }) => error.code,
        ),
      ),
    );
    expect(Object.fromEntries(names.map((name, at) => [name, outcomes[at]]))).toEqual({
      "protected.pdf": "document_encrypted",
      "truncated.pdf": "document_corrupt",
      "empty.txt": "document_empty",
      "image-only.pdf": "document_no_text",
      "protected.docx": "document_encrypted",
      "picture.png": "document_format_unsupported",
      ...Object.fromEntries(sound.map((name) => [name, "text"])),
    });
  });

  test("streams a large document in parts", async () => {
    const large = join(folder, "large.txt");
    await writeFile(large, "Some words make a sentence here. ".repeat(40_000));
    const parsed = await pool.parse({ path: large, name: "large.txt", mediaType: null });
    expectWellFormed(parsed);
    expect(parsed.blocks[0]?.sentences).toHaveLength(40_000);
  });

  test("S4 a document reaches nothing outside", async () => {
    let requestCount = 0;
    const server = createServer((_, response) => {
      requestCount += 1;
      response.end("x");
    }).listen(0, "127.0.0.1");
    await waitUntil(() => server.listening, { what: "the server" });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const page = join(folder, "page.html");
    await writeFile(
      page,
      `<html><link rel="stylesheet" href="${url}/a.css"><img src="${url}/a.png"><iframe src="${url}"></iframe><p>Text.</p></html>`,
    );
    await pool.parse({ path: page, name: "page.html", mediaType: null });
    server.close();
    expect(requestCount).toBe(0);
  });

  test("never logs text or names of documents", () => {
    expect(JSON.stringify(logger.lines)).not.toMatch(/ferry|Harl|\.pdf|渡/i);
  });
});

describe("with a child that misbehaves", () => {
  test("a crash is reported, and the next file gets a new child", async () => {
    const pool = odd({ processes: 1 });
    const first = (await pool.parse(asked("pid"))).warnings[0];
    await expect(pool.parse(asked("crash"))).rejects.toMatchObject({ code: "parser_crashed" });
    expect((await pool.parse(asked("pid"))).warnings[0]).not.toBe(first);
    await pool.close();
  });

  test("a child is used for many files, and waiting files get it in turn", async () => {
    const pool = odd({ processes: 1 });
    const pids = await Promise.all(
      Array.from({ length: 20 }, async () => (await pool.parse(asked("pid"))).warnings[0]),
    );
    expect(new Set(pids).size).toBe(1);
    await pool.close();
  });

  test("C2 silence ends in document_parse_timeout, a busy loop too", async () => {
    const pool = odd({ timeoutMs: 400 });
    for (const name of ["silent", "spin"])
      await expect(pool.parse(asked(name))).rejects.toMatchObject({ code: "document_parse_timeout" });
    await pool.close();
  });

  test.skipIf(!existsSync("/proc/self/stat"))(
    "S2 a small file that makes its parser compute and compute is refused as a bomb",
    { timeout: 120_000 },
    async () => {
      const pool = odd({ timeoutMs: 100_000 });
      await expect(pool.parse(asked("spin"))).rejects.toMatchObject({ code: "document_bomb" });
      await expect(pool.parse(asked("pid"))).resolves.toBeDefined();
      await pool.close();
    },
  );

  test("S4 a parser's native code has no network either, where the system can start a process without one", async (context) => {
    if ((await launcherWithoutNetwork()) === null)
      return context.skip("This system starts no process without a network.");
    const server = createServer((_, response) => response.end("x")).listen(0, "127.0.0.1");
    await waitUntil(() => server.listening, { what: "the server" });
    const { port } = server.address() as AddressInfo;
    const pool = odd();
    expect((await pool.parse(asked(`reach ${port}`))).warnings[0]).toContain("ENETUNREACH");
    await pool.close();
    server.close();
  });

  test.skipIf(!existsSync("/proc/self/status"))(
    "S2 memory beyond the limit ends in document_parse_memory",
    async () => {
      const pool = odd({ memoryBytes: 300_000_000 });
      await expect(pool.parse(asked("hoard"))).rejects.toMatchObject({ code: "document_parse_memory" });
      await pool.close();
    },
  );

  test("an abort ends the child, takes waiting files out of the line, and leaves the pool usable", async () => {
    const pool = odd({ processes: 1 });
    const pid = Number((await pool.parse(asked("pid"))).warnings[0]);
    const controller = new AbortController();
    let isBusy = false;
    const busy = pool.parse({ ...asked("silent"), signal: controller.signal, onProgress: () => (isBusy = true) });
    const waiting = pool.parse({ ...asked("pid"), signal: controller.signal });
    await waitUntil(() => isBusy, { what: "the child's first word" });
    controller.abort();
    await expect(busy).rejects.toMatchObject({ code: "aborted" });
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    await waitUntil(() => !isAlive(pid), { what: "the child's end" });
    expect((await pool.parse(asked("pid"))).warnings).toHaveLength(1);
    await pool.close();
  });

  test("closing ends everything, busy and waiting", async () => {
    const pool = odd({ processes: 1 });
    const busy = pool.parse(asked("silent"));
    const waiting = pool.parse(asked("pid"));
    const outcomes = Promise.allSettled([busy, waiting]);
    await pool.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "aborted" } });
    await expect(pool.parse(asked("pid"))).rejects.toMatchObject({ code: "aborted" });
  });
});
