import { expect, test } from "vitest";
import { serverEnvironment } from "./server-process.mjs";

test("a server keeps compiled code and few arenas, and what its environment says goes before", () => {
  expect(serverEnvironment({ PATH: "p" })).toMatchObject({ PATH: "p", MALLOC_ARENA_MAX: "2" });
  expect(serverEnvironment({}).NODE_COMPILE_CACHE).toMatch(/lorekeep-compiled$/);
  const own = { NODE_COMPILE_CACHE: "elsewhere", MALLOC_ARENA_MAX: "8" };
  expect(serverEnvironment(own)).toEqual(own);
});
