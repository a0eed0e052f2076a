import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeConfig, loadConfig, VARIABLES } from "./load-config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lorekeep-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const faultOf = (input: Parameters<typeof loadConfig>[0]): string => {
  try {
    loadConfig(input);
  } catch (error) {
    expect(error).toMatchObject({ code: "config_invalid" });
    return (error as Error).message;
  }
  throw new Error("the configuration was accepted");
};

describe("loadConfig", () => {
  test("lets flags win over the environment, the environment over the file, the file over defaults", () => {
    writeFileSync(
      join(folder, "lorekeep.config.json"),
      JSON.stringify({ port: 1000, host: "0.0.0.0", logLevel: "debug", retrieval: { passageCount: 3 } }),
    );
    const { config, file } = loadConfig({
      env: { LOREKEEP_DATA: folder, LOREKEEP_PORT: "2000", LOREKEEP_HOST: "127.0.0.2" },
      flags: { port: 3000 },
    });
    expect(file).toBe(join(folder, "lorekeep.config.json"));
    expect(config).toMatchObject({ port: 3000, host: "127.0.0.2", logLevel: "debug" });
    expect(config.retrieval).toEqual({ passageCount: 3, denseWeight: 0.5, refusalThreshold: 0.5 });
  });

  test("works with nothing set", () => {
    const { config, file } = loadConfig({ env: {}, cwd: folder });
    expect(file).toBeNull();
    expect(config).toMatchObject({ dataFolder: join(folder, "data"), port: 7777, host: "127.0.0.1", offline: false });
  });

  test("reads the file that LOREKEEP_CONFIG names, and takes its paths from where it lies", () => {
    const path = join(folder, "other.json");
    writeFileSync(
      path,
      JSON.stringify({ dataFolder: "here", ingest: { watchFolders: [{ path: "notes", collection: "Notes" }] } }),
    );
    const { config } = loadConfig({ env: { LOREKEEP_CONFIG: path } });
    expect(config.dataFolder).toBe(join(folder, "here"));
    expect(config.ingest.watchFolders).toEqual([{ path: join(folder, "notes"), collection: "Notes" }]);
  });

  test("takes an empty variable for one that is not set", () => {
    expect(loadConfig({ env: { LOREKEEP_PORT: "", LOREKEEP_API_KEY: " " }, cwd: folder }).config.port).toBe(7777);
  });

  test.each([
    ["1", true],
    ["yes", true],
    ["0", false],
    ["off", false],
  ])("reads LOREKEEP_OFFLINE=%s as %s", (text, value) => {
    expect(loadConfig({ env: { LOREKEEP_OFFLINE: text }, cwd: folder }).config.offline).toBe(value);
  });

  test("names the variable and its value when it does not fit", () => {
    const message = faultOf({ env: { LOREKEEP_PORT: "7x", LOREKEEP_MODEL_SOURCE: "ftp" }, cwd: folder });
    expect(message).toContain('LOREKEEP_PORT is "7x"');
    expect(message).toContain('LOREKEEP_MODEL_SOURCE is "ftp"');
  });

  test("S13: refuses a short key without repeating it", () => {
    const message = faultOf({ env: { LOREKEEP_API_KEY: "hunter2-hunter2" }, cwd: folder });
    expect(message).toContain("LOREKEEP_API_KEY");
    expect(message).toContain("at least 24 characters");
    expect(message).not.toContain("hunter2");
  });

  test("names the file and the key when the file does not fit", () => {
    writeFileSync(join(folder, "lorekeep.config.json"), JSON.stringify({ ingest: { chunkTokens: 4 }, unknown: 1 }));
    const message = faultOf({ env: { LOREKEEP_DATA: folder } });
    expect(message).toContain("ingest.chunkTokens");
    expect(message).toContain("unknown");
  });

  test("refuses a file that is not JSON, and a database that is not supported", () => {
    writeFileSync(join(folder, "lorekeep.config.json"), "{");
    expect(faultOf({ env: { LOREKEEP_DATA: folder } })).toContain("cannot be read as JSON");
    expect(faultOf({ env: { LOREKEEP_DATABASE_URL: "postgres://u:secret@h/d" }, cwd: folder })).not.toContain("secret");
  });

  test("S13: describeConfig hides every secret variable", () => {
    const secrets = {
      LOREKEEP_API_KEY: "k".repeat(30),
      LOREKEEP_OPENAI_API_KEY: "sk-verysecret",
      LOREKEEP_REDIS_URL: "redis://user:verysecret@localhost:6379",
      LOREKEEP_DATABASE_URL: "sqlite:///tmp/verysecret.db",
      LOREKEEP_GENERATOR: "openai:http://user:verysecret@localhost:1/v1#m",
    };
    for (const { name, isSecret } of VARIABLES) if (isSecret) expect(Object.keys(secrets)).toContain(name);
    const { config } = loadConfig({ env: { ...secrets, LOREKEEP_DATABASE_URL: "/tmp/x.db" }, cwd: folder });
    const shown = JSON.stringify(describeConfig(config));
    expect(shown).not.toContain("verysecret");
    expect(shown).not.toContain("kkkk");
    expect(shown).toContain("redis://user:hidden@localhost:6379");
  });
});
