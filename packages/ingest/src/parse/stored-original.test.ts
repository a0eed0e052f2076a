import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "./index.ts";

const FIXTURES = join(import.meta.dirname, "..", "..", "..", "..", "fixtures", "documents");

test("reads a PDF that is stored under a name without an ending", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lorekeep-stored-"));
  try {
    const path = join(folder, "9f86d081884c7d65");
    await copyFile(join(FIXTURES, "service-bulletin.pdf"), path);
    const parsed = await parseDocument({ path }, { name: "service-bulletin.pdf", mediaType: null });
    expect(parsed.pageCount).toBe(3);
    expect(parsed.pages.map(({ text }) => text).join("")).toContain("HM-2025-0193");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
