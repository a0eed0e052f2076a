/**
 * Bytes as they arrive → lines of text, one at a time, so that a file of any length is read in little memory. Only LF and
 * CRLF end a line: U+2028 is an ordinary character of JSON (Node's readline would cut there).
 */
import { AppError } from "./errors.ts";

const LF = 10;

/** Empty lines come too, so that a reader can count; what follows the last LF only when it is not empty. Throws request_invalid (not UTF-8), request_too_large (a line above `maxLineBytes`). */
export async function* linesOfBytes(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<string, void> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let line = 0;
  const finish = (): string => {
    line += 1;
    const text = decode(pending, pendingBytes, line);
    pending = [];
    pendingBytes = 0;
    return text;
  };
  const keep = (bytes: Uint8Array): void => {
    pending.push(bytes);
    pendingBytes += bytes.length;
    if (pendingBytes > maxLineBytes)
      throw new AppError("request_too_large", `Line ${line + 1} is longer than ${maxLineBytes} bytes.`, {
        maxLineBytes,
      });
  };
  for await (const chunk of chunks) {
    let rest = chunk;
    for (let end = rest.indexOf(LF); end !== -1; end = rest.indexOf(LF)) {
      keep(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
      yield finish();
    }
    keep(rest);
  }
  if (pendingBytes > 0) yield finish();
}

function decode(parts: readonly Uint8Array[], length: number, line: number): string {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  try {
    // A byte order mark at the beginning is dropped by the decoder.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r$/, "");
  } catch (cause) {
    throw new AppError("request_invalid", `Line ${line} is not valid UTF-8.`, {}, { cause });
  }
}
