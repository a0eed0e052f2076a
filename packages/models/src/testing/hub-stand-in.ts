/**
 * A model hub on loopback: files by path, range requests, ETags, redirects to a "storage", and faults on demand. What the hub driver is tested
 * against, since the real hub is not to be had in tests.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubStandIn {
  readonly endpoint: string;
  /** `METHOD path range`, in order. */
  readonly requests: string[];
  readonly authorizations: (string | undefined)[];
  /** Holds the next this many downloads after `afterBytes` until `drop` breaks them; null = behave. */
  hold: { times: number; afterBytes: number } | null;
  /** Sends the next downloads with a flipped byte. */
  damage: boolean;
  /** Sends nothing after the head. */
  stall: boolean;
  drop(): void;
  put(path: string, bytes: Buffer): void;
  close(): Promise<void>;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

export async function startHubStandIn(): Promise<HubStandIn> {
  const files = new Map<string, Buffer>();
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so it has a port
  const hub: HubStandIn = {
    endpoint: `http://127.0.0.1:${port}`,
    requests: [],
    authorizations: [],
    hold: null,
    damage: false,
    stall: false,
    drop: () => {
      for (const response of held.splice(0)) response.destroy();
    },
    put: (path, bytes) => files.set(`/${path}`, bytes),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    hub.requests.push([request.method, url, request.headers.range].filter((part) => part !== undefined).join(" "));
    hub.authorizations.push(request.headers.authorization);
    if (url === "/") return void response.end("hub");
    const stored = url.startsWith("/storage/");
    const bytes = files.get(stored ? url.slice("/storage".length) : url);
    if (bytes === undefined) return void response.writeHead(404).end();
    if (!stored) {
      const head = { "x-linked-etag": `"${sha256(bytes)}"`, location: `/storage${url}` };
      return void response.writeHead(302, head).end();
    }
    send(request, response, bytes);
  }

  function send(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    const etag = `"${sha256(bytes).slice(0, 8)}"`;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const resumes = start > 0 && request.headers["if-range"] === etag;
    if (resumes && start >= bytes.length) return void response.writeHead(416).end();
    const body = Buffer.from(bytes.subarray(resumes ? start : 0));
    if (hub.damage) body[0] = body[0]! ^ 1;
    response.writeHead(resumes ? 206 : 200, { etag, "content-length": body.length });
    if (hub.stall) return void response.flushHeaders();
    if (hub.hold !== null && hub.hold.times > 0) {
      hub.hold.times -= 1;
      response.write(body.subarray(0, hub.hold.afterBytes));
      held.push(response);
      return;
    }
    response.end(body);
  }
  return hub;
}
