/** The server as a process, without models and without a network: what scripts rely on. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const KEY = "main-test-key-0123456789abcdef";
const running: ChildProcess[] = [];
const folders: string[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lorekeep-main-"));
  folders.push(folder);
  return folder;
}

interface Started {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

function start(folder: string, environment: Record<string, string> = {}, flags: string[] = []): Started {
  const env = { LOREKEEP_DATA: join(folder, "data"), LOREKEEP_MODELS: join(folder, "models"), LOREKEEP_OFFLINE: "1" };
  const child = spawn(process.execPath, [MAIN, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], LOREKEEP_PORT: "0", LOREKEEP_API_KEY: KEY, ...env, ...environment },
  });
  running.push(child);
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, out: () => out, err: () => err, ended };
}

async function whenReady(started: Started): Promise<string> {
  const url = await waitUntil(() => /^Lorekeep is ready: (\S+)$/m.exec(started.out())?.[1], {
    what: "the ready line",
    timeoutMs: 25_000,
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${started.out()}\n${started.err()}`);
  });
  return url;
}

test("S13 the first start prints a one-time link, then the ready line alone and last; the log has neither key nor secret", async () => {
  const folder = newFolder();
  const server = start(folder);
  const url = await whenReady(server);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const lines = server.out().trimEnd().split("\n");
  expect(lines.at(-1)).toBe(`Lorekeep is ready: ${url}`);
  const link = lines.find((line) => line.startsWith(`${url}/setup#`))!;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const authorization = `Bearer ${KEY}`;
  expect((await fetch(`${url}/api/v1/jobs`, { headers: { authorization } })).status).toBe(200);
  expect((await fetch(`${url}/api/v1/jobs`)).status).toBe(401);

  const second = start(folder);
  expect(await second.ended).toBe(1);
  expect(second.err()).toContain(`running already at ${url}`);

  const startedMs = performance.now();
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  expect(server.out().trimEnd().split("\n").at(-1)).toBe(`Lorekeep is ready: ${url}`);
  const log = readFileSync(join(folder, "data", "logs", "lorekeep.log"), "utf8") + server.err();
  expect(log).toContain("http.answered");
  for (const secret of [KEY, link.split("#")[1]!]) expect(log).not.toContain(secret);
  expect(existsSync(join(folder, "data", "server.json"))).toBe(false);
}, 90_000);

test("SIGTERM ends everything in time while an answer and a progress stream are open", async () => {
  const server = start(newFolder());
  const url = await whenReady(server);
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const json = (value: unknown) => ({ method: "POST", headers, body: JSON.stringify(value) });
  const made = await fetch(`${url}/api/v1/documents`, json({ text: "x ".repeat(200_000) }));
  const { items } = (await made.json()) as { items: { id: string }[] };
  const watching = fetch(`${url}/api/v1/documents/${items[0]!.id}/events`, { headers }).then((answer) => answer.text());
  const asking = fetch(`${url}/api/v1/chat`, json({ question: "x?" })).then((answer) => answer.text());
  await new Promise((resolve) => setTimeout(resolve, 100));
  const startedMs = performance.now();
  server.child.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  await Promise.allSettled([watching, asking]);
}, 90_000);

test("a port that is taken, a key that is too short and an unknown flag are sentences, without a stack", async () => {
  const folder = newFolder();
  const first = start(folder);
  const port = new URL(await whenReady(first)).port;
  const refused = [
    { started: start(newFolder(), { LOREKEEP_PORT: port }), says: `Port ${port} on 127.0.0.1 is taken` },
    { started: start(newFolder(), { LOREKEEP_API_KEY: "short" }), says: "at least 24 characters" },
    { started: start(newFolder(), {}, ["--nonsense"]), says: "--nonsense" },
    { started: start(newFolder(), {}, ["--port", "x"]), says: "port" },
  ];
  for (const { started, says } of refused) {
    expect(await started.ended).toBe(1);
    expect(started.err()).toContain(says);
    expect(started.err()).not.toMatch(/\n\s+at /);
    expect(started.out()).toBe("");
  }
}, 90_000);

test("--help says what there is and starts nothing", async () => {
  const help = start(newFolder(), {}, ["--help"]);
  expect(await help.ended).toBe(0);
  expect(help.out()).toContain("--port NUMBER");
});
