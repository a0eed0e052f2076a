/** The commands as they are typed, against a server of canned answers that notes what it is asked. */
import { createServer, type Server } from "node:http";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Adapter } from "@lorekeep/core";
import { waitUntil } from "@lorekeep/core/testing";
import { runMain } from "../main.ts";

const ADAPTER: Adapter = {
  id: "adp_1",
  name: "手册",
  version: 3,
  base: "SmolLM2-135M-Instruct",
  origin: "fine-tune",
  fineTuneId: null,
  rank: 16,
  alpha: 32,
  sizeBytes: 9_800_000,
  sha256: "0".repeat(64),
  passed: true,
  gate: null,
  card: {},
  activeIn: [{ collectionId: "*", scale: 0.5, since: "2026-01-01T00:00:00Z" }],
  deletedDocuments: [],
  createdAt: "2026-01-01T00:00:00Z",
};
const CHANGE = { at: ADAPTER.createdAt, collectionId: "*", adapterId: null, scale: 1, actor: "cli" };

let folder: string;
let server: Server;
let asked: { request: string; body: unknown }[];
/** "METHOD /path" → what is answered; a string goes as bytes. */
let answers: Record<string, unknown>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lorekeep-tune-"));
  mkdirSync(join(folder, "data"));
  asked = [];
  answers = {};
  server = createServer((request, response) => {
    void readText(request).then((body) => {
      const key = `${request.method} ${request.url}`;
      if (request.url === "/healthz") return response.end("{}");
      asked.push({ request: key, body: body === "" ? null : JSON.parse(body) });
      const answer = answers[key];
      const status = (answer as { status?: unknown } | undefined)?.status; // problem details bear the answer's own
      response.statusCode = typeof status === "number" ? status : 200;
      return response.end(typeof answer === "string" ? answer : JSON.stringify(answer ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // holds: it listens on a port
  const info = { pid: process.pid, url: `http://127.0.0.1:${port}`, startedAt: ADAPTER.createdAt, version: "0" };
  writeFileSync(join(folder, "data", "server.json"), JSON.stringify(info));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function tune(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" };
  const into = (name: "out" | "err") =>
    new Writable({
      write(chunk, _encoding, callback) {
        texts[name] += String(chunk);
        callback();
      },
    });
  const env = { LOREKEEP_DATA: join(folder, "data"), LOREKEEP_API_KEY: "a-key-of-at-least-24-characters" };
  const code = await runMain(["tune", ...argv], { stdout: into("out"), stderr: into("err"), env });
  return { code, ...texts };
}

const problemOf = (status: number, code: string, detail: string) => ({
  ...{ type: "about:blank", title: "x", status, code, detail, requestId: "r" },
});

test("adapters are listed with the places where they answer", async () => {
  answers["GET /api/v1/adapters?limit=100"] = { items: [ADAPTER], nextCursor: null };
  expect((await tune("adapters")).out).toMatch(
    /adp_1 +手册 v3 +SmolLM2-135M-Instruct +fine-tune +16 +9\.8 MB +passed +everywhere × 0\.5\n$/,
  );
  expect(JSON.parse((await tune("adapters", "--json")).out)).toEqual({ items: [ADAPTER] });
});

test("an adapter is switched on, off and back", async () => {
  answers["POST /api/v1/adapters/adp_1:activate"] = ADAPTER;
  answers["POST /api/v1/adapters/adp_1:deactivate"] = { ...ADAPTER, activeIn: [] };
  answers["POST /api/v1/adapters:rollback"] = CHANGE;
  expect(await tune("activate", "adp_1", "-c", "a", "手册", "--scale", "0.5", "--force")).toMatchObject({ code: 0 });
  expect((await tune("deactivate", "adp_1")).out).toBe("adp_1: off\n");
  expect((await tune("rollback", "-c", "手册")).out).toBe("The bare model answers everywhere.\n");
  expect(asked.map(({ body }) => body)).toEqual([
    { collections: ["a", "手册"], scale: 0.5, force: true },
    {},
    { collection: "手册" },
  ]);
  expect(await tune("activate", "adp_1", "--scale", "lots")).toMatchObject({
    code: 1,
    err: expect.stringContaining("scale: give a number from 0 to 2"),
  });
});

test("an export is written to a new file, never over one that is there", async () => {
  answers["GET /api/v1/adapters/adp_1/file?format=peft"] = "PK…";
  const file = join(folder, "适配.zip");
  expect(await tune("export", "adp_1", "--format", "peft", "--out", file)).toMatchObject({ code: 0 });
  expect(readFileSync(file, "utf8")).toBe("PK…");
  expect(await tune("export", "adp_1", "--format", "peft", "--out", file)).toMatchObject({
    code: 1,
    err: expect.stringContaining("(conflict)"),
  });
});

test("what people said is trained on, and the server's “too little of it” is one sentence", async () => {
  answers["POST /api/v1/fine-tunes:from-feedback"] = problemOf(400, "request_invalid", "Only 3 held-out questions.");
  const few = await tune("feedback", "-c", "手册", "--dataset", "d", "--preset", "quick", "--no-wait");
  expect([few.code, few.err]).toEqual([1, "lorekeep: Only 3 held-out questions. (request_invalid)\n"]);
  expect(await tune("feedback", "-c", "手册", "--preset", "slow")).toMatchObject({
    code: 1,
    err: expect.stringContaining("preset: "),
  });
  expect(asked).toEqual([
    {
      request: "POST /api/v1/fine-tunes:from-feedback",
      body: { collection: "手册", dataset: "d", preset: "quick" },
    },
  ]);
  expect((await tune("feedback")).err).toContain("--collection");
});

test("a word that is no command is a dataset, and the server's refusal is one sentence", async () => {
  answers["POST /api/v1/fine-tunes:estimate"] = problemOf(404, "not_found", "There is no such dataset.");
  const { code, err } = await tune("drafts", "--rank", "8");
  expect(asked).toEqual([{ request: "POST /api/v1/fine-tunes:estimate", body: { dataset: "drafts", rank: 8 } }]);
  expect([code, err]).toEqual([1, "lorekeep: There is no such dataset. (not_found)\n"]);
});

test("Ctrl-C while examples are drafted ends with 130 and no stack", async () => {
  const job = {
    ...{ id: "job_1", kind: "draft-examples", status: "running", parentId: null, attempt: 1, maxAttempts: 1 },
    ...{ progress: { done: 0, total: null, note: null }, error: null, result: null, subject: null },
    ...{ runAt: ADAPTER.createdAt, createdAt: ADAPTER.createdAt, startedAt: null, endedAt: null },
  };
  const counts = { ...{ approved: 0, pending: 0, rejected: 0, answerable: 0 }, unanswerable: 0, train: 0 };
  answers["POST /api/v1/datasets"] = {
    ...{ id: "dst_1", name: "d", collectionId: "c", exampleCount: 0, problems: {}, sources: {} },
    ...{ deletedDocuments: [], newSinceLastFineTune: 0, createdAt: job.createdAt, updatedAt: job.createdAt },
    counts: { ...counts, validation: 0, preferences: 0 },
  };
  answers["POST /api/v1/datasets/dst_1:draft"] = job;
  const drafting = tune("draft", "--collection", "手册", "--name", "d", "--from", "documents,feedback");
  await waitUntil(() => asked.length === 2, { what: "the job" });
  process.emit("SIGINT");
  expect(await drafting).toEqual({ code: 130, out: "", err: "Stopped.\n" });
  expect(asked[1]!.body).toEqual({ from: ["documents", "feedback"], limit: 200 });
});

test("the help names every command of it", async () => {
  const { out } = await tune("--help");
  for (const name of ["run", "show", "resume", "pause", "cancel", "list", "adapters", "datasets", "feedback"])
    expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
  for (const name of ["activate", "deactivate", "rollback", "draft", "export", "import"])
    expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
});
