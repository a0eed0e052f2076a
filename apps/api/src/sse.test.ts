import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Response as ExpressResponse } from "express";
import { expect, test } from "vitest";
import { waitUntil } from "@lorekeep/core/testing";
import { openEventStream } from "./sse.ts";

async function serveOnce(handle: (response: ExpressResponse) => void) {
  const listener: RequestListener = (_request, response) => {
    // Holds: of express only `status` is used, which is set by hand here.
    handle(Object.assign(response, { status: () => response }) as unknown as ExpressResponse);
  };
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a silent stream beats now and then with a comment, which is no event", async () => {
  await using server = await serveOnce((response) => {
    const stream = openEventStream(response, 5);
    void stream.send({ type: "begin" }).then(() => setTimeout(() => stream.end(), 60));
  });
  const text = await (await fetch(server.url)).text();
  expect(text).toMatch(/^event: begin\ndata: \{"type":"begin"\}\n\n(: waiting\n\n)+$/);
});

test("sending waits for a slow reader and gives up when the reader leaves", async () => {
  let sentCount = 0;
  let isOver = false;
  let listenerCount = 0;
  await using server = await serveOnce((response) => {
    const stream = openEventStream(response, 1_000);
    void (async () => {
      while (!response.destroyed) {
        await stream.send({ type: "x".repeat(50_000) });
        sentCount += 1;
        listenerCount = Math.max(listenerCount, response.listenerCount("close"));
      }
      await stream.send({ type: "after the end" });
      isOver = true;
    })();
  });
  const leave = new AbortController();
  await fetch(server.url, { signal: leave.signal });
  let before = -1;
  await waitUntil(() => sentCount === before || ((before = sentCount), false), {
    what: "the sender to wait",
    everyMs: 100,
  });
  leave.abort();
  await waitUntil(() => isOver, { what: "the sender to stop" });
  expect(listenerCount).toBeLessThan(6);
});
