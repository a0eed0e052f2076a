import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runMain } from "./main.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "lorekeep-cli-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one command on a data folder without models, as on a machine that has just been set up. */
async function lorekeep(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const into = (name: "out" | "err") =>
    new Writable({
      write(chunk, _encoding, callback) {
        texts[name] += String(chunk);
        callback();
      },
    });
  const env = { LOREKEEP_DATA: join(folder, "data"), LOREKEEP_MODELS: join(folder, "models"), LOREKEEP_OFFLINE: "1" };
  const code = await runMain(argv, { stdout: into("out"), stderr: into("err"), env });
  return { code, ...texts };
}
const json = (out: string): Record<string, unknown> => JSON.parse(out) as Record<string, unknown>; // the test looks at it

describe("lorekeep", () => {
  test("names its commands", async () => {
    const { code, out } = await lorekeep("--help");
    expect(code).toBe(0);
    for (const name of [
      "up",
      "import",
      "search",
      "ask",
      "eval",
      "tune",
      "reindex",
      "backup",
      "restore",
      "doctor",
      "keys",
      "models",
    ])
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test("ends with 1 and a sentence for what it does not know, and for settings that do not fit", async () => {
    expect(await lorekeep("fly")).toMatchObject({ code: 1, err: expect.stringContaining("unknown command") });
    expect(await lorekeep("tune")).toMatchObject({ code: 1, err: expect.stringContaining("argument 'data'") });
    expect(await lorekeep("search")).toMatchObject({ code: 1, err: expect.stringContaining("query") });
    expect(await lorekeep("search", "-n", "0", "x")).toMatchObject({
      code: 1,
      err: expect.stringContaining("from 1 to 100"),
    });
    const { code, err } = await lorekeep("import", join(folder, "nowhere"));
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^lorekeep: There is no file or folder .*\(not_found\)\n$/),
    });
  });

  test("imports, searches, answers, backs up and restores", async () => {
    mkdirSync(join(folder, "docs"));
    writeFileSync(join(folder, "docs", "pump.md"), "# Pump\n\nThe pump is serviced every 400 operating hours.\n");
    writeFileSync(join(folder, "docs", "空.txt"), "");
    const imported = await lorekeep("import", join(folder, "docs"), "--json");
    expect(imported.code).toBe(1); // one of them is empty
    expect(json(imported.out).items).toMatchObject([
      { status: "ready", duplicate: false, error: null },
      { status: "failed", error: { code: "document_empty" } },
    ]);
    expect((await lorekeep("import", join(folder, "docs", "pump.md"))).out).toContain("1 new");

    const found = await lorekeep("search", "pump", "service", "--mode", "lexical", "--json");
    expect(json(found.out)).toMatchObject({ results: [{ documentName: "pump.md" }, {}] });
    expect((await lorekeep("search", "unheardof", "--mode", "lexical")).out).toBe("Nothing found.\n");
    const answered = json((await lorekeep("ask", "How often is the pump serviced?", "--json")).out);
    expect(answered).toMatchObject({ refused: expect.any(Boolean), citations: expect.any(Array), model: "extractive" });

    const file = join(folder, "backup.tar.gz");
    expect(await lorekeep("backup", file)).toMatchObject({ code: 0 });
    expect(await lorekeep("restore", file)).toMatchObject({ code: 1, err: expect.stringContaining("not empty") });
    expect(await lorekeep("--data", join(folder, "restored"), "restore", file, "--json")).toMatchObject({ code: 0 });
    const again = await lorekeep("--data", join(folder, "restored"), "search", "pump", "--mode", "lexical", "--json");
    expect(json(again.out)).toMatchObject({ results: [{ documentName: "pump.md" }, {}] });
  }, 120_000);

  test("makes, lists and revokes keys; a secret is shown once", async () => {
    const made = json((await lorekeep("keys", "create", "robot", "--scope", "search", "--json")).out);
    expect(made).toMatchObject({ name: "robot", scopes: ["search"], secret: expect.stringMatching(/^lk_[\w-]{43}$/) });
    const listed = await lorekeep("keys", "list", "--json");
    expect(json(listed.out).items).toMatchObject([{ name: "robot" }]);
    expect(listed.out).not.toContain(made.secret);
    expect(await lorekeep("keys", "revoke", made.id as string)).toMatchObject({ code: 0 });
    expect(await lorekeep("keys", "revoke", made.id as string)).toMatchObject({
      code: 1,
      err: expect.stringContaining("not_found"),
    });
    expect(await lorekeep("keys", "create", "x", "--scope", "fly")).toMatchObject({ code: 1 });
  }, 60_000);

  test("the doctor says which models are missing, and ends with 1", async () => {
    const { code, out } = await lorekeep("doctor", "--json");
    expect(code).toBe(1);
    const report = json(out) as { checks: { name: string; ok: boolean; detail: string }[] };
    expect(report.checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(["embedder", "generator"]);
    expect(report.checks.find((check) => check.name === "embedder")!.detail).toContain("multilingual-e5-small");
    expect(json(out).storage).toMatchObject({ orphanBlobs: 0, orphanDocuments: 0 });
  }, 60_000);

  test("runs the nightly job on demand", async () => {
    const { code, out } = await lorekeep("reindex", "--json");
    expect(code).toBe(0);
    expect(json(out)).toMatchObject({ foldersRead: 0, problems: [] });
  }, 60_000);
});
