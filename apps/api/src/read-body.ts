/**
 * Bodies as JSON or as lines of JSON, bounded in size. The content type is not asked: what is not JSON is refused as such,
 * and no media type starts another parser.
 */
import { AppError } from "@lorekeep/core";
import type { Request } from "express";

/** `optional`: nothing there is `{}`. Throws request_invalid (nothing there, not UTF-8, not JSON), request_too_large. */
export async function readJsonBody(
  request: Request,
  maxBytes: number,
  { optional = false }: { optional?: boolean } = {},
): Promise<unknown> {
  refuseEncoded(request);
  const parts: Buffer[] = [];
  let byteCount = 0;
  for await (const part of bytesOf(request)) {
    const bytes = part as Buffer; // holds: nobody set an encoding on the request
    byteCount += bytes.length;
    if (byteCount > maxBytes) throw tooLarge(maxBytes);
    parts.push(bytes);
  }
  if (byteCount === 0 && optional) return {};
  if (byteCount === 0) throw new AppError("request_invalid", "The request needs a JSON body.");
  return parseJsonBytes(Buffer.concat(parts));
}

/**
 * Lines of JSON as they arrive; empty lines are skipped. A line that is not JSON is given as its error, so that the lines
 * after it are read. Throws request_too_large for a line above `maxLineBytes`.
 */
export async function* readJsonLines(
  request: Request,
  maxLineBytes: number,
): AsyncGenerator<{ line: number; value: unknown } | { line: number; error: AppError }, void> {
  refuseEncoded(request);
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 0;
  const finish = () => {
    const bytes = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    line += 1;
    return bytes.toString("latin1").trim() === "" ? null : parseLine(line, bytes);
  };
  for await (const part of bytesOf(request)) {
    let rest = part as Buffer; // as above
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      pending.push(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      const item = finish();
      if (item !== null) yield item;
    }
    pending.push(rest);
    pendingBytes += rest.length;
    if (pendingBytes > maxLineBytes) throw tooLarge(maxLineBytes);
  }
  const last = finish();
  if (last !== null) yield last;
}

function parseLine(line: number, bytes: Buffer): { line: number; value: unknown } | { line: number; error: AppError } {
  try {
    return { line, value: parseJsonBytes(bytes) };
  } catch (error) {
    if (error instanceof AppError) return { line, error };
    throw error;
  }
}

function parseJsonBytes(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("request_invalid", "The body is not valid UTF-8.", {}, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("request_invalid", "The body is not valid JSON.", {}, { cause });
  }
}

/** Leaving the loop early must not cut the connection: the answer still has to go out. */
const bytesOf = (request: Request) => request.iterator({ destroyOnReturn: false });

/** Compressed bodies are not unpacked: nothing we accept needs it, and a bomb cannot be sent. */
function refuseEncoded(request: Request): void {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity")
    throw new AppError("request_invalid", "Compressed bodies are not accepted. Send the body as it is.");
}

const tooLarge = (maxBytes: number): AppError =>
  new AppError("request_too_large", `The body is larger than ${maxBytes} bytes.`, { maxBytes });
