import { expect, test } from "vitest";
import { AppError } from "@lorekeep/core";
import { rateLimit } from "./rate-limit.ts";
import { startTestServer } from "./testing/start-test-server.ts";

function clocked(perMinute: number) {
  let nowMs = 0;
  const limit = rateLimit({ perMinute, what: "requests", now: () => new Date(nowMs) });
  const take = (key = "a"): number | null => {
    try {
      limit.take(key);
      return null;
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      return (error as AppError).details["retryAfterSeconds"] as number;
    }
  };
  return { take, pass: (ms: number) => (nowMs += ms) };
}

test("gives a minute's worth at once, then one each share of a minute, to each caller by itself", () => {
  const { take, pass } = clocked(3);
  expect([take(), take(), take(), take()]).toEqual([null, null, null, 20]);
  expect(take("b")).toBeNull();
  pass(19_000);
  expect(take()).toBe(1);
  pass(1_000);
  expect([take(), take()]).toEqual([null, 20]);
  pass(3_600_000);
  expect([take(), take(), take(), take()]).toEqual([null, null, null, 20]);
});

test("remembers a bounded number of callers", () => {
  const { take } = clocked(1);
  take("first");
  for (let index = 0; index < 10_000; index += 1) take(`other ${index}`);
  expect(take("first")).toBeNull();
});

test("S11 a key that asks too often gets 429 with Retry-After; the environment's key does not", async () => {
  await using house = await startTestServer({ limits: { requestsPerMinute: 5, jsonBytes: 1000, sessionDays: 1 } });
  const key = await house.makeKey(["search"]);
  const ask = async (used?: string) => {
    const options = { json: { query: "q" }, ...(used === undefined ? {} : { key: used }) };
    const response = await house.call("POST", "/api/v1/search", options);
    return [response.status, response.headers.get("retry-after")];
  };
  for (let index = 0; index < 5; index += 1) expect(await ask(key)).toEqual([200, null]);
  const [status, retryAfter] = await ask(key);
  expect(status).toBe(429);
  expect(Number(retryAfter)).toBeGreaterThan(0);
  for (let index = 0; index < 60; index += 1) expect(await ask()).toEqual([200, null]);
  expect((await house.call("GET", "/healthz", { key: null })).status).toBe(200);
});
