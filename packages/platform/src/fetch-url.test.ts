import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fetchUrl } from "./fetch-url.ts";
import type { FetchUrlOptions } from "./fetch-url.ts";

let server: Server;
let port: number;
let requests: IncomingMessage[];
/** The addresses of ours that were connected to: on Linux all of 127.0.0.0/8 is this machine. */
let reached: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  requests = [];
  reached = [];
  answer = (_request, response) => response.end("hello");
  server = createServer((request, response) => {
    requests.push(request);
    reached.push(request.socket.localAddress);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const BASE = { maxBytes: 10_000, timeoutMs: 5_000 };
/** `site.test` stands for a public host: it lives on loopback, the only place a test can reach. */
const PUBLIC: FetchUrlOptions = {
  ...BASE,
  resolve: async (host) => (host === "site.test" ? ["127.0.0.1"] : host === "inner.test" ? ["127.0.0.9"] : []),
  isAllowed: (address) => address === "127.0.0.1",
};
const site = (path = "/"): string => `http://site.test:${port}${path}`;

describe("fetchUrl", () => {
  test("reads a page, and names it after its path", async () => {
    answer = (_request, response) => response.setHeader("content-type", "text/html; charset=utf-8").end("<p>hi");
    const fetched = await fetchUrl(site("/a/b%20c.html?x=1"), PUBLIC);
    expect(fetched).toMatchObject({ name: "b c.html", mediaType: "text/html" });
    expect(await text(fetched.bytes)).toBe("<p>hi");
    expect(requests[0]!.headers.host).toBe(`site.test:${port}`);
    expect(requests[0]!.headers.cookie).toBeUndefined();
  });

  test("unpacks gzip, and counts unpacked bytes against the limit", async () => {
    answer = (_request, response) => response.setHeader("content-encoding", "gzip").end(gzipSync("x".repeat(9_000)));
    expect(await text((await fetchUrl(site(), PUBLIC)).bytes)).toHaveLength(9_000);
    answer = (_request, response) => response.setHeader("content-encoding", "gzip").end(gzipSync("x".repeat(900_000)));
    const bomb = await fetchUrl(site(), PUBLIC);
    await expect(text(bomb.bytes)).rejects.toMatchObject({ code: "request_too_large" });
  });

  test("stops a page that never ends, and one that never begins", async () => {
    answer = (_request, response) => void response.write("x");
    const slow = await fetchUrl(site(), { ...PUBLIC, timeoutMs: 300 });
    await expect(text(slow.bytes)).rejects.toMatchObject({ code: "request_invalid" });
    answer = () => undefined;
    await expect(fetchUrl(site(), { ...PUBLIC, timeoutMs: 200 })).rejects.toMatchObject({ code: "request_invalid" });
  });

  test("ends with its caller", async () => {
    answer = () => undefined;
    const controller = new AbortController();
    const fetching = fetchUrl(site(), { ...PUBLIC, signal: controller.signal });
    controller.abort();
    await expect(fetching).rejects.toMatchObject({ code: "aborted" });
  });

  test("takes an error status for a fault of the address", async () => {
    answer = (_request, response) => response.writeHead(404).end();
    await expect(fetchUrl(site(), PUBLIC)).rejects.toThrow("status 404");
  });
});

describe("fetchUrl stays out of the inner network (S4)", () => {
  test.each([
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[::1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001::1]/",
    "http://0/",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
  ])("refuses %s before any connection", async (url) => {
    await expect(fetchUrl(url.replace(/\/$/, `:${port}/`), BASE)).rejects.toMatchObject({ code: "request_invalid" });
    expect(requests).toHaveLength(0);
  });

  test.each([
    "file:///etc/passwd",
    "gopher://site.test/",
    "ftp://site.test/",
    "data:text/plain,x",
    "javascript:1",
    "//site.test/",
    "not an address",
    "http://user:password@site.test/",
    "http://user@site.test/",
  ])("refuses %s", async (url) => {
    await expect(fetchUrl(url, PUBLIC)).rejects.toMatchObject({ code: "request_invalid" });
  });

  test("refuses a name when any one of its addresses is inside", async () => {
    const resolve = async () => ["127.0.0.1", "10.0.0.1"];
    await expect(fetchUrl(site(), { ...PUBLIC, resolve })).rejects.toMatchObject({ code: "request_invalid" });
    await expect(fetchUrl(site(), { ...PUBLIC, resolve: async () => [] })).rejects.toMatchObject({
      code: "request_invalid",
    });
    expect(requests).toHaveLength(0);
  });

  test("resolves once and connects to what was checked, whatever the name means a moment later", async () => {
    let lookups = 0;
    const resolve = async () => {
      lookups += 1;
      return lookups === 1 ? ["127.0.0.1"] : ["127.0.0.9"];
    };
    expect(await text((await fetchUrl(site(), { ...PUBLIC, resolve })).bytes)).toBe("hello");
    expect(lookups).toBe(1);
    expect(reached).toEqual(["127.0.0.1"]);
  });

  test.each([
    ["a literal inner address", () => `http://127.0.0.9:${port}/`],
    ["a name that lives inside", () => `http://inner.test:${port}/`],
    ["another scheme", () => "file:///etc/passwd"],
    ["a user name", () => `http://user@site.test:${port}/`],
  ])("checks each redirect: %s", async (_what, target) => {
    answer = (_request, response) => response.writeHead(302, { location: target() }).end();
    await expect(fetchUrl(site(), PUBLIC)).rejects.toMatchObject({ code: "request_invalid" });
    expect(requests).toHaveLength(1);
  });

  test("follows a redirect to a public place, but not for ever", async () => {
    answer = (request, response) =>
      request.url === "/end" ? response.end("there") : response.writeHead(301, { location: "/end" }).end();
    const fetched = await fetchUrl(site("/start"), PUBLIC);
    expect(fetched.url).toBe(site("/end"));
    expect(await text(fetched.bytes)).toBe("there");
    answer = (_request, response) => response.writeHead(307, { location: "/again" }).end();
    await expect(fetchUrl(site(), PUBLIC)).rejects.toThrow("redirects more than");
  });

  test("fetches nothing that the page refers to", async () => {
    answer = (_request, response) =>
      response.setHeader("content-type", "text/html").end(`<img src="http://site.test:${port}/pixel.png">`);
    await text((await fetchUrl(site(), PUBLIC)).bytes);
    expect(requests.map((request) => request.url)).toEqual(["/"]);
  });
});
