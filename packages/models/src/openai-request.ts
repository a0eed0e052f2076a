/**
 * What the OpenAI-compatible embedder and generator share: their names, one POST with timeout and abort, and the server's
 * refusals as our error codes. Named `openai:BASE_URL#MODEL`, the base including its version: `openai:http://127.0.0.1:8000/v1#qwen`.
 */
import { AppError, throwIfAborted } from "@lorekeep/core";

export interface OpenaiOptions {
  /** As configured; becomes the driver's name. */
  readonly name: string;
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: string | null;
  /** Without a byte from the server for this long the request fails. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 120_000;

export function isOpenaiName(name: string): boolean {
  return name.startsWith("openai:");
}

/** Throws config_invalid when there is no base URL or no model. */
export function parseOpenaiName(name: string): { baseUrl: string; model: string } {
  const [address = "", ...rest] = name.slice("openai:".length).split("#");
  const model = rest.join("#");
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol) || model === "")
    throw new AppError("config_invalid", `${name} should look like openai:http://HOST:PORT/v1#MODEL.`);
  return { baseUrl: address.replace(/\/+$/, ""), model };
}

/**
 * About how many tokens, rather too many than too few: one for a CJK character, one for three others. Such servers have no
 * route that counts.
 */
export function estimateTokens(text: string): number {
  const wide = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / 3);
}

export interface OpenaiReply {
  readonly response: Response;
  /** Tell it of every sign of life. */
  readonly refresh: () => void;
}

export class OpenaiClient {
  readonly #options: OpenaiOptions;
  readonly #closing = new AbortController();

  constructor(options: OpenaiOptions) {
    this.#options = options;
  }

  get model(): string {
    return this.#options.model;
  }

  /** Posts and reads the answer with `read`. Throws aborted, model_missing, model_busy, context_too_long, model_failed. */
  async *post<Item>(
    path: string,
    request: { body: unknown; signal?: AbortSignal | undefined },
    read: (reply: OpenaiReply) => AsyncGenerator<Item, void, void>,
  ): AsyncGenerator<Item, void, void> {
    throwIfAborted(request.signal);
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(), this.#options.timeoutMs ?? TIMEOUT_MS);
    const signals = [idle.signal, this.#closing.signal, ...(request.signal === undefined ? [] : [request.signal])];
    let response: Response | null = null;
    try {
      response = await this.#send(path, request.body, AbortSignal.any(signals));
      yield* read({ response, refresh: () => timer.refresh() });
    } catch (error) {
      throw this.#asAppError(error, request.signal);
    } finally {
      clearTimeout(timer);
      if (response?.body?.locked === false) await response.body.cancel().catch(() => undefined);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #send(path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (this.#options.apiKey !== null) headers.authorization = `Bearer ${this.#options.apiKey}`;
    const url = `${this.#options.baseUrl}${path}`;
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal });
    if (!response.ok) throw await this.#refusal(response);
    return response;
  }

  async #refusal(response: Response): Promise<AppError> {
    const { baseUrl, model } = this.#options;
    const { status } = response;
    const text = await response.text().catch(() => "");
    const details = { status, model };
    if (status === 404) return new AppError("model_missing", `${baseUrl} does not serve ${model} (404).`, details);
    if (status === 429 || status === 503)
      return new AppError("model_busy", `The model server is busy (${status}).`, details);
    if (status === 413 || /context[ _]length|too long|maximum context/i.test(text))
      return new AppError("context_too_long", "The model server says that the text is too long.", details);
    if (status === 401 || status === 403)
      return new AppError("model_failed", "The model server refused the key; check models.openaiApiKey.", details);
    return new AppError("model_failed", `The model server answered ${status}.`, details);
  }

  #asAppError(error: unknown, signal: AbortSignal | undefined): AppError {
    const { baseUrl, model } = this.#options;
    if (signal?.aborted === true) return new AppError("aborted", "The request was stopped.", {}, { cause: error });
    if (this.#closing.signal.aborted) return new AppError("aborted", "The driver was closed.", {}, { cause: error });
    if (error instanceof AppError) return error;
    const message = `The model server at ${baseUrl} does not answer as it should.`;
    return new AppError("model_failed", message, { model }, { cause: error });
  }
}
