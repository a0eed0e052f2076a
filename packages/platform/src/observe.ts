/**
 * Cross-cutting work as wrappers of ports: timing, counting, and a second try where the error table says that one may help.
 * The pipelines stay free of it. Nothing here sees into texts; only counts and durations leave.
 */
import { AppError, toAppError } from "@lorekeep/core";
import type {
  Embedder,
  ErrorCode,
  GenerateEvent,
  Generator,
  JobHandler,
  Logger,
  Parser,
  Reader,
  VectorIndex,
} from "@lorekeep/core";
import type { Metrics } from "./open-metrics.ts";
import { pause } from "./wake-ups.ts";

export interface Observer {
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Short waits that a caller can sit through. The other codes marked `retry` are for the job queue's long back-off. */
const BRIEF: ReadonlySet<ErrorCode> = new Set([
  "model_busy",
  "model_failed",
  "database_busy",
  "index_unavailable",
  "index_corrupt",
]);
const BACKOFF_MS = [100, 400];

const isBrief = (error: unknown): boolean => error instanceof AppError && error.retry && BRIEF.has(error.code);

/** Runs `call`, again after short waits when the error is brief; the last error is thrown. */
export async function withRetry<Value>(
  call: () => Promise<Value>,
  options: {
    signal?: AbortSignal | undefined;
    backoffMs?: readonly number[];
    onRetry?: (error: AppError) => void;
  } = {},
): Promise<Value> {
  const waits = options.backoffMs ?? BACKOFF_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const wait = waits[attempt];
      if (wait === undefined || !isBrief(error) || options.signal?.aborted) throw error;
      options.onRetry?.(error as AppError); // holds: isBrief
      await pause(wait, options.signal);
    }
  }
}

async function timed<Value>(
  observer: Observer,
  labels: { port: string; call: string },
  call: () => Promise<Value>,
): Promise<Value> {
  const stop = observer.metrics.portSeconds.startTimer(labels);
  try {
    return await call();
  } catch (error) {
    observer.metrics.portErrors.inc({ ...labels, code: toAppError(error).code });
    throw error;
  } finally {
    stop();
  }
}

function onRetry(observer: Observer, port: string): (error: AppError) => void {
  return (error) => observer.logger.warn("port.retried", { port, code: error.code });
}

export function observeEmbedder(embedder: Embedder, observer: Observer): Embedder {
  const { embedTokens } = embedder;
  const retrying = { onRetry: onRetry(observer, "embedder") };
  return {
    name: embedder.name,
    fingerprint: embedder.fingerprint,
    dimensions: embedder.dimensions,
    maxTokens: embedder.maxTokens,
    embed: async (texts, options) => {
      const run = () => timed(observer, { port: "embedder", call: options.kind }, () => embedder.embed(texts, options));
      const vectors = await withRetry(run, { signal: options.signal, ...retrying });
      observer.metrics.embeddedTexts.inc({ kind: options.kind }, texts.length);
      return vectors;
    },
    // Where the driver has none there is none: callers ask by looking.
    embedTokens:
      embedTokens === undefined
        ? undefined
        : (texts, options) => {
            const run = () => timed(observer, { port: "embedder", call: "tokens" }, () => embedTokens(texts, options));
            return withRetry(run, { signal: options.signal, ...retrying });
          },
    countTokens: (texts, signal) => embedder.countTokens(texts, signal),
    close: () => embedder.close(),
  };
}

export function observeGenerator(generator: Generator, observer: Observer): Generator {
  async function* generate(request: Parameters<Generator["generate"]>[0]): AsyncGenerator<GenerateEvent> {
    const stop = observer.metrics.portSeconds.startTimer({ port: "generator", call: "generate" });
    try {
      for await (const event of generator.generate(request)) {
        if (event.type === "end") {
          observer.metrics.generatedTokens.inc({ kind: "prompt" }, event.usage.promptTokens);
          observer.metrics.generatedTokens.inc({ kind: "completion" }, event.usage.completionTokens);
        }
        yield event;
      }
    } catch (error) {
      const code = toAppError(error).code;
      if (code !== "aborted") observer.metrics.portErrors.inc({ port: "generator", call: "generate", code });
      throw error;
    } finally {
      stop();
    }
  }
  return {
    name: generator.name,
    fingerprint: generator.fingerprint,
    contextTokens: generator.contextTokens,
    languages: generator.languages,
    answersFromPassages: generator.answersFromPassages,
    answeringAdapter: generator.answeringAdapter,
    countPromptTokens: (messages) => generator.countPromptTokens(messages),
    generate,
    close: () => generator.close(),
  };
}

export function observeReader(reader: Reader, observer: Observer): Reader {
  return {
    name: reader.name,
    fingerprint: reader.fingerprint,
    read: (question, passages, options) => {
      const run = () =>
        timed(observer, { port: "reader", call: "read" }, () => reader.read(question, passages, options));
      return withRetry(run, { signal: options?.signal, onRetry: onRetry(observer, "reader") });
    },
    close: () => reader.close(),
  };
}

export function observeIndex(index: VectorIndex, observer: Observer): VectorIndex {
  const call = <Value>(name: string, run: () => Promise<Value>, signal?: AbortSignal): Promise<Value> =>
    withRetry(() => timed(observer, { port: "vector-index", call: name }, run), {
      signal,
      onRetry: onRetry(observer, "vector-index"),
    });
  return {
    search: (request) => call("search", () => index.search(request), request.signal),
    refresh: (id) => call("refresh", () => index.refresh(id)),
    compact: (id, options) => call("compact", () => index.compact(id, options), options?.signal),
    verify: (id) => call("verify", () => index.verify(id)),
    status: (id) => index.status(id),
    drop: (id) => index.drop(id),
    close: () => index.close(),
  };
}

export function observeParser(parser: Parser, observer: Observer): Parser {
  return {
    parse: (request) => timed(observer, { port: "parser", call: "parse" }, () => parser.parse(request)),
    close: () => parser.close(),
  };
}

/** The job runner's edge: one log line and one count for each run. */
export function observeHandler(kind: string, handler: JobHandler, observer: Observer): JobHandler {
  return async (payload, context) => {
    const logger = observer.logger.child({ jobId: context.job.id, kind });
    const startedMs = performance.now();
    const ended = (outcome: string): number => {
      const durationMs = Math.round(performance.now() - startedMs);
      observer.metrics.jobsEnded.inc({ kind, outcome });
      observer.metrics.jobSeconds.observe({ kind }, durationMs / 1000);
      return durationMs;
    };
    try {
      const result = await handler(payload, context);
      logger.info("job.succeeded", { durationMs: ended("succeeded"), attempt: context.job.attempt });
      return result;
    } catch (error) {
      const { code, details } = toAppError(error);
      const durationMs = ended(context.signal.aborted ? "aborted" : "failed");
      if (context.signal.aborted) logger.info("job.aborted", { durationMs, code });
      else logger.warn("job.failed", { durationMs, code, details, attempt: context.job.attempt, error });
      throw error;
    }
  };
}
