/** An OpenAI-compatible server on loopback over the fakes of core/testing, with faults on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChatMessage, Embedder, Generator } from "@lorekeep/core";

export interface OpenaiStandIn {
  readonly baseUrl: string;
  readonly bodies: Record<string, unknown>[];
  readonly authorizations: (string | undefined)[];
  /** Answers the next requests with this instead. */
  fault: { status: number; body: string } | "cut-stream" | "silence" | null;
  close(): Promise<void>;
}

interface ChatBody {
  readonly messages: readonly ChatMessage[];
  readonly max_tokens: number;
  readonly stop?: readonly string[];
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>; // our own driver wrote it
}

export async function startOpenaiStandIn(models: { embedder: Embedder; generator: Generator }): Promise<OpenaiStandIn> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // listening on TCP, so it has a port
  const standIn: OpenaiStandIn = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    bodies: [],
    authorizations: [],
    fault: null,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    standIn.bodies.push(body);
    standIn.authorizations.push(request.headers.authorization);
    const { fault } = standIn;
    if (fault === "silence") return;
    if (fault !== null && fault !== "cut-stream") return void response.writeHead(fault.status).end(fault.body);
    if (request.url === "/v1/embeddings") return embeddings(body as { input: string[] }, response);
    return chat(body as unknown as ChatBody, response);
  }

  async function embeddings({ input }: { input: string[] }, response: ServerResponse): Promise<void> {
    const vectors = await models.embedder.embed(input, { kind: "passage" });
    const data = vectors.map((vector, index) => ({ index, embedding: [...vector].map((value) => value * 3) }));
    response.end(JSON.stringify({ data: data.reverse() }));
  }

  async function chat({ messages, max_tokens, stop }: ChatBody, response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const send = (value: unknown): void => void response.write(`data: ${JSON.stringify(value)}\n\n`);
    for await (const event of models.generator.generate({ messages, maxTokens: max_tokens, stop })) {
      if (event.type === "text-delta") {
        send({ choices: [{ delta: { content: event.text }, finish_reason: null }] });
        if (standIn.fault === "cut-stream") return void response.end();
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const { promptTokens, completionTokens } = event.usage;
      send({ choices: [{ delta: {}, finish_reason: event.reason }] });
      send({ choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } });
    }
    response.end("data: [DONE]\n\n");
  }
  return standIn;
}
