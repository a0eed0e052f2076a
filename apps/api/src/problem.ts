/**
 * The HTTP edge for errors: anything thrown becomes RFC 9457 problem details with a code of the closed table.
 * Answers never hold a stack trace or a cause; those go to the log, once, under the request's id.
 */
import { AppError, toAppError, type Logger, type Problem } from "@lorekeep/core";
import type { ErrorRequestHandler, Request, Response } from "express";
import multer from "multer";
import { z } from "zod";

/** What express, body-parser and their kind throw: a status and a word for the reason. */
const httpErrorSchema = z.object({ status: z.int().min(400).max(499), type: z.string().optional() });

/** Every error as one of ours. Faults of the request stay faults of the request, whoever noticed them. */
export function toRequestError(error: unknown): AppError {
  if (error instanceof multer.MulterError)
    return new AppError("request_invalid", `The form cannot be read: ${error.message}.`, {}, { cause: error });
  if (error instanceof z.ZodError) return toAppError(error);
  const http = httpErrorSchema.safeParse(error);
  if (error instanceof AppError || !http.success) return toAppError(error);
  if (http.data.type === "entity.too.large")
    return new AppError("request_too_large", "The body is larger than this server accepts.", {}, { cause: error });
  if (http.data.type === "entity.parse.failed")
    return new AppError("request_invalid", "The body is not valid JSON.", {}, { cause: error });
  if (http.data.status === 404) return new AppError("not_found", "There is nothing here.", {}, { cause: error });
  return new AppError("request_invalid", "The request cannot be understood.", {}, { cause: error });
}

export function problemOf(error: AppError, requestId: string): Problem {
  const title = error.code.replaceAll("_", " ");
  return {
    type: `urn:lorekeep:error:${error.code}`,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    status: error.status,
    code: error.code,
    detail: error.message,
    requestId,
  };
}

export function sendProblem(response: Response, error: AppError): void {
  const problem = problemOf(error, requestIdOf(response));
  response.setHeader("cache-control", "no-store");
  if (error.code === "unauthenticated") response.setHeader("www-authenticate", 'Bearer realm="lorekeep"');
  const retryAfterSeconds = error.details["retryAfterSeconds"];
  if (typeof retryAfterSeconds === "number") response.setHeader("retry-after", String(retryAfterSeconds));
  // `error` is what clients of the OpenAI form read.
  const openAi = { error: { message: problem.detail, type: error.code, code: error.code, param: null } };
  const isOpenAi = response.req.originalUrl.startsWith("/v1/");
  response
    .status(error.status)
    .type("application/problem+json")
    .end(JSON.stringify(isOpenAi ? { ...problem, ...openAi } : problem));
}

/** The last middleware. An answer that has begun can only be cut off. */
export function problemMiddleware(logger: Logger): ErrorRequestHandler {
  return function answerProblem(thrown: unknown, request, response, _next) {
    const error = toRequestError(thrown);
    if (!request.complete) drain(request, response);
    if (error.status >= 500)
      logger.error("http.failed", { requestId: requestIdOf(response), code: error.code, error: error.cause ?? error });
    if (response.headersSent || response.destroyed) response.destroy();
    else sendProblem(response, error);
  };
}

const DRAIN_MS = 30_000;

/** Lets a caller who is still sending finish and read the answer, for a while; without this the answer would be lost in a reset. */
function drain(request: Request, response: Response): void {
  request.resume();
  response.once("finish", () => {
    const timer = setTimeout(() => request.destroy(), DRAIN_MS);
    timer.unref();
    request.once("close", () => clearTimeout(timer));
  });
}

export function requestIdOf(response: Response): string {
  const id: unknown = response.locals["requestId"];
  return typeof id === "string" ? id : "";
}
