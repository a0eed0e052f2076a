/**
 * Fetches a page for import without becoming somebody's way into the network (acceptance S4).
 *
 * Each hop is resolved once; all its addresses must be public; the connection goes to the address that was checked, so a
 * second DNS answer changes nothing; redirects are hops like the first. http and https only, no user names in URLs, no
 * proxies, no cookies, nothing inside the document is ever fetched.
 */
import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { Transform } from "node:stream";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { AppError } from "@lorekeep/core";
import { isPublicAddress } from "./public-address.ts";

export interface FetchUrlOptions {
  readonly maxBytes: number;
  /** For the whole fetch, redirects included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Name → addresses; for tests. */
  readonly resolve?: ((hostname: string) => Promise<readonly string[]>) | undefined;
  /** For tests, which can only reach loopback. */
  readonly isAllowed?: ((address: string) => boolean) | undefined;
}

export interface FetchedUrl {
  readonly url: string;
  /** Last part of the path, or the host. */
  readonly name: string;
  readonly mediaType: string | null;
  readonly bytes: Readable;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const refuse = (message: string): AppError => new AppError("request_invalid", message);

/** The parsed URL, or request_invalid for anything but plain http(s). */
function parseUrl(text: string, base?: string): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  if (url === null) throw refuse("This is not a complete web address. Give one that begins with https://.");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw refuse(`Addresses that begin with ${url.protocol} are not fetched. Give one that begins with https://.`);
  if (url.username || url.password) throw refuse("Addresses with a user name or password in them are not fetched.");
  return url;
}

async function resolveName(hostname: string): Promise<readonly string[]> {
  try {
    return (await lookup(hostname, { all: true, verbatim: true })).map((each) => each.address);
  } catch (cause) {
    throw new AppError("request_invalid", `The host ${hostname} cannot be found.`, {}, { cause });
  }
}

/** The address to connect to: the first one, after all of them were found to be public. */
async function checkedAddress(url: URL, options: FetchUrlOptions): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) ? [host] : await (options.resolve ?? resolveName)(host);
  const isAllowed = options.isAllowed ?? isPublicAddress;
  if (addresses.length === 0 || !addresses.every((address) => isAllowed(address)))
    throw refuse(`The host ${host} is not a public web address, so it is not fetched.`);
  return addresses[0]!;
}

function requestHop(url: URL, address: string, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      host: address,
      port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      method: "GET",
      agent: false,
      signal,
      headers: {
        host: url.host,
        accept: "text/html,application/pdf,text/*;q=0.9,*/*;q=0.5",
        "accept-encoding": "gzip, deflate, br",
        "user-agent": "Lorekeep",
      },
      ...(secure && !isIP(host) ? { servername: host } : {}),
    });
    request.on("response", resolve);
    request.on("error", (cause) => {
      reject(
        signal.aborted
          ? aborted(signal)
          : new AppError("request_invalid", `The host ${host} did not answer.`, {}, { cause }),
      );
    });
    request.end();
  });
}

function aborted(signal: AbortSignal): AppError {
  return isTimeout(signal.reason)
    ? refuse("The address did not answer in time.")
    : new AppError("aborted", "The request was stopped.", {}, { cause: signal.reason });
}

const isTimeout = (reason: unknown): boolean => reason instanceof Error && reason.name === "TimeoutError";

function limited(maxBytes: number): Transform {
  let byteCount = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      byteCount += chunk.length;
      if (byteCount > maxBytes)
        callback(new AppError("request_too_large", `The page is larger than ${maxBytes} bytes.`, { maxBytes }));
      else callback(null, chunk);
    },
  });
}

/** The body, unpacked, cut off with an error past `maxBytes` of unpacked bytes. */
function body(response: IncomingMessage, options: FetchUrlOptions, signal: AbortSignal): Readable {
  const stages: (Transform | IncomingMessage)[] = [response];
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === "gzip" || encoding === "x-gzip") stages.push(createGunzip());
  else if (encoding === "br") stages.push(createBrotliDecompress());
  else if (encoding === "deflate") stages.push(createInflate());
  const last = limited(options.maxBytes);
  // An error reaches the reader through `last`, which `pipeline` destroys with it.
  pipeline([...stages, last], () => undefined);
  signal.addEventListener("abort", () => last.destroy(aborted(signal)), { once: true });
  return last;
}

function nameOf(url: URL): string {
  const last = url.pathname.split("/").filter(Boolean).at(-1);
  if (last === undefined) return url.hostname;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * The document behind a web address as a stream.
 *
 * Throws request_invalid (not http(s), not public, unreachable, too many redirects, error status), request_too_large,
 * aborted; the last two may also come from the stream.
 */
export async function fetchUrl(address: string, options: FetchUrlOptions): Promise<FetchedUrl> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let url = parseUrl(address);
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await requestHop(url, await checkedAddress(url, options), signal);
    const status = response.statusCode ?? 0;
    if (REDIRECTS.has(status) && response.headers.location !== undefined) {
      response.destroy();
      url = parseUrl(response.headers.location, url.href);
      continue;
    }
    if (status < 200 || status >= 300) {
      response.destroy();
      throw refuse(`The address answered with status ${status}.`);
    }
    return {
      url: url.href,
      name: nameOf(url),
      mediaType: response.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() || null,
      bytes: body(response, options, signal),
    };
  }
  throw refuse(`The address redirects more than ${MAX_REDIRECTS} times.`);
}
