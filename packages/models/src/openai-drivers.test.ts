import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  collectAnswer,
  describeEmbedder,
  describeGenerator,
  GENERATOR_PROMPT,
  hashEmbedder,
  scriptedGenerator,
} from "@lorekeep/core/testing";
import { openaiEmbedder } from "./openai-embedder.ts";
import { openaiGenerator } from "./openai-generator.ts";
import { estimateTokens, parseOpenaiName, type OpenaiOptions } from "./openai-request.ts";
import { startOpenaiStandIn, type OpenaiStandIn } from "./testing/openai-stand-in.ts";

const STORY = "Once upon a time there was a pump. It was serviced every 400 hours, and nobody ever heard it complain. ";

let server: OpenaiStandIn;
beforeAll(async () => {
  const generator = scriptedGenerator(STORY.repeat(20), { contextTokens: 100_000 });
  server = await startOpenaiStandIn({ embedder: hashEmbedder({ maxTokens: 10_000 }), generator });
});
afterEach(() => {
  server.fault = null;
});
afterAll(() => server.close());

const options = (changes: Partial<OpenaiOptions> = {}): OpenaiOptions => ({
  name: "openai:test#tiny",
  baseUrl: server.baseUrl,
  model: "tiny",
  apiKey: null,
  ...changes,
});
const ask = (changes: Partial<OpenaiOptions> = {}, signal?: AbortSignal) =>
  collectAnswer(openaiGenerator(options(changes)).generate({ messages: GENERATOR_PROMPT, maxTokens: 8, signal }));

describeEmbedder("OpenAI-compatible server", () => openaiEmbedder(options()));
describeGenerator("OpenAI-compatible server", async () => openaiGenerator(options()), { countsExactly: false });

describe("OpenAI-compatible drivers", () => {
  test("refuse an adapter, which a remote server cannot be given", async () => {
    const generator = openaiGenerator(options());
    const adapter = { path: "/a.gguf", scale: 1 };
    const answer = collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 8, adapter }));
    await expect(answer).rejects.toMatchObject({ code: "request_invalid" });
  });

  test("send model, key and limits, and nothing that was not asked for", async () => {
    await ask({ apiKey: "secret" });
    expect(server.authorizations.at(-1)).toBe("Bearer secret");
    expect(server.bodies.at(-1)).toEqual({
      model: "tiny",
      messages: GENERATOR_PROMPT,
      max_tokens: 8,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test.each([
    [404, "", "model_missing"],
    [429, "", "model_busy"],
    [503, "", "model_busy"],
    [400, "maximum context length is 2048 tokens", "context_too_long"],
    [401, "", "model_failed"],
    [500, "", "model_failed"],
    [200, "<html>not a model server</html>", "model_failed"],
  ])("turn %i %s into %s%s", async (status, body, code) => {
    const embedder = await openaiEmbedder(options());
    server.fault = { status, body };
    await expect(ask()).rejects.toMatchObject({ code });
    await expect(embedder.embed(["pump"], { kind: "query" })).rejects.toMatchObject({ code });
  });

  test("fail when the stream ends in the middle", async () => {
    server.fault = "cut-stream";
    await expect(ask()).rejects.toMatchObject({ code: "model_failed" });
  });

  test("give up on a server that says nothing, and stop at once when told to", async () => {
    server.fault = "silence";
    await expect(ask({ timeoutMs: 20 })).rejects.toMatchObject({ code: "model_failed" });
    const controller = new AbortController();
    const waiting = ask({}, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
  });

  test("say so when nobody is there", async () => {
    const nobody = options({ baseUrl: "http://127.0.0.1:9/v1" });
    await expect(openaiEmbedder(nobody)).rejects.toMatchObject({ code: "model_failed" });
  });

  test("end what runs when they are closed", async () => {
    server.fault = "silence";
    const generator = openaiGenerator(options());
    const answer = collectAnswer(generator.generate({ messages: GENERATOR_PROMPT, maxTokens: 8 }));
    await generator.close();
    await expect(answer).rejects.toMatchObject({ code: "aborted" });
  });

  test("are named by base URL and model", () => {
    expect(parseOpenaiName("openai:http://127.0.0.1:8000/v1/#org/model#2")).toEqual({
      baseUrl: "http://127.0.0.1:8000/v1",
      model: "org/model#2",
    });
    for (const name of ["openai:", "openai:http://h/v1", "openai:#m", "openai:ftp://h#m", "openai:nonsense#m"])
      expect(() => parseOpenaiName(name)).toThrow(expect.objectContaining({ code: "config_invalid" }));
  });

  test("estimate tokens rather too high, in Chinese too", () => {
    expect(estimateTokens("")).toBe(0);
    expect(estimateTokens("水泵保养")).toBe(4);
    expect(estimateTokens("The pump is serviced every 400 operating hours.")).toBeGreaterThanOrEqual(10);
  });
});
