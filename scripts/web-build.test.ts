import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureWebBuilt, WEB_INPUTS, webStamp } from "./web-build.mjs";

const root = join(import.meta.dirname, "..");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lorekeep-web-"));
  for (const path of ["apps/web/src", "apps/web/public", "packages/core/src", "packages/client/src", "node_modules"])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "apps/web/src/main.tsx"), "1");
  cpSync(join(root, "turbo.json"), join(folder, "turbo.json"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts once, with a build that writes the page; returns how often it was built. */
function start(status = 0): number {
  let builds = 0;
  const result = ensureWebBuilt(folder, () => {
    builds += 1;
    mkdirSync(join(folder, "apps/web/dist"), { recursive: true });
    writeFileSync(join(folder, "apps/web/dist/index.html"), "page");
    return status;
  });
  expect(result).toBe(builds === 0 ? 0 : status);
  return builds;
}

test("a second start builds nothing", () => {
  expect([start(), start(), start()]).toEqual([1, 0, 0]);
});

test("a source that changed, came or went is built again", () => {
  start();
  const source = join(folder, "apps/web/src/main.tsx");
  utimesSync(source, new Date(1e12), new Date(1e12));
  expect([start(), start()]).toEqual([1, 0]);
  writeFileSync(join(folder, "packages/core/src/new.ts"), "");
  expect([start(), start()]).toEqual([1, 0]);
  rmSync(source);
  expect([start(), start()]).toEqual([1, 0]);
});

test("a page that is gone or was built by somebody else is built again, and a failed build is no build", () => {
  expect([start(1), start()]).toEqual([1, 1]);
  utimesSync(join(folder, "apps/web/dist/index.html"), new Date(1e12), new Date(1e12));
  expect(start()).toBe(1);
  rmSync(join(folder, "apps/web/dist"), { recursive: true });
  expect(webStamp(folder)).toBeNull();
  expect(start()).toBe(1);
});

test("the files looked at are the inputs of turbo's build", () => {
  const turbo = JSON.parse(readFileSync(join(root, "turbo.json"), "utf8")) as {
    tasks: { build: { inputs: string[] } };
  };
  const inputs = turbo.tasks.build.inputs.map((path) => path.replace(/\/\*\*$/, ""));
  const paths = inputs.map((path) =>
    path.startsWith("$TURBO_ROOT$/") ? path.slice("$TURBO_ROOT$/".length) : `apps/web/${path}`,
  );
  expect([...WEB_INPUTS].sort()).toEqual(paths.sort());
});
