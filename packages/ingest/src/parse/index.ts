/**
 * Bytes → parsed document (the tour's fifth stop): what a file is decides which parser reads it, and `assemble.ts` turns the
 * parser's draft blocks into text with spans. Runs inside the parser child process; tests call it directly.
 */
import { open, readFile } from "node:fs/promises";
import { AppError, toAppError, type ParsedDocument } from "@lorekeep/core";
import { decodeText } from "../charset.ts";
import { FORMATS, isPdf, sniffContainer, textFormatOf, type Hints, type TextFormat } from "../sniff.ts";
import { assemble } from "./assemble.ts";
import type { DraftDocument } from "./draft.ts";

export interface ParseOptions extends Hints {
  readonly onProgress?: ((done: number, total: number | null) => void) | undefined;
}

/**
 * Throws document_empty, document_encrypted, document_corrupt, document_format_unsupported, document_no_text, document_bomb.
 * Unbounded in time and memory by itself: callers that take files from outside go through the parser pool.
 */
export async function parseDocument(
  source: Uint8Array | { readonly path: string; readonly pdfPath?: string | null },
  options: ParseOptions,
): Promise<ParsedDocument> {
  const onProgress = options.onProgress ?? (() => undefined);
  try {
    if (!(source instanceof Uint8Array) && source.pdfPath != null && isPdf(await readHead(source.path))) {
      const { parsePdf } = await import("./pdf.ts");
      return assemble(await parsePdf({ source: source.pdfPath, onProgress }), FORMATS.pdf);
    }
    const bytes = source instanceof Uint8Array ? asBuffer(source) : await readFile(source.path);
    if (isPdf(bytes)) {
      // Given a path, the PDF library goes by the name's ending, and stored originals have none.
      const { parsePdf } = await import("./pdf.ts");
      return assemble(await parsePdf({ source: bytes, onProgress }), FORMATS.pdf);
    }
    const container = await sniffContainer(bytes);
    if (container === "zip") return await (await import("./archive.ts")).parseArchive(bytes, onProgress);
    return await parseDecoded(bytes, options, onProgress);
  } catch (error) {
    throw parseError(error);
  }
}

const HEAD_BYTES = 1_024;

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function parseDecoded(
  bytes: Buffer,
  hints: Hints,
  onProgress: (done: number, total: number | null) => void,
): Promise<ParsedDocument> {
  const { text, warnings } = decodeText(bytes, declaredCharset(bytes, hints));
  const format = textFormatOf(text, hints);
  const draft = await draftOfText(format, text, (done) => onProgress(done, text.length));
  return assemble({ ...draft, warnings: [...warnings, ...draft.warnings] }, FORMATS[format]);
}

async function draftOfText(
  format: TextFormat,
  text: string,
  onProgress: (done: number) => void,
): Promise<DraftDocument> {
  switch (format) {
    case "html":
      return (await import("./html.ts")).parseHtml(text);
    case "markdown":
      return (await import("./markdown.ts")).parseMarkdown(text, onProgress);
    case "csv":
    case "tsv":
      return (await import("./csv.ts")).parseCsv(text, format === "tsv" ? "\t" : undefined);
    case "json":
    case "jsonl":
      return (await import("./json.ts")).parseJsonText(text, format);
    case "text":
      return (await import("./text.ts")).parseText(text);
  }
}

/** From the media type's parameter, else from the first bytes of an HTML or XML file. */
function declaredCharset(bytes: Buffer, hints: Hints): string | null {
  const outside = /charset\s*=\s*"?([\w.:-]+)/i.exec(hints.mediaType ?? "")?.[1];
  if (outside !== undefined) return outside;
  const head = bytes.subarray(0, 65_536).toString("latin1");
  return (
    /<meta[^>]{1,300}charset\s*=\s*["']?([\w.:-]+)/i.exec(head)?.[1] ??
    /^<\?xml[^>]{1,300}encoding\s*=\s*["']([\w.:-]+)/i.exec(head)?.[1] ??
    null
  );
}

/** Whatever a third-party parser throws over hostile bytes means that the document is damaged, or too much for it. */
function parseError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const known = toAppError(error);
  if (known.code !== "unexpected") return known;
  const message = error instanceof Error ? error.message : "";
  if (error instanceof RangeError && /allocation|string length|out of memory|array length/i.test(message))
    return new AppError(
      "document_parse_memory",
      "Reading the document needs more memory than a parser may use.",
      {},
      { cause: error },
    );
  const reason = error instanceof Error ? error.name : "unknown";
  return new AppError("document_corrupt", "The document is damaged and cannot be read.", { reason }, { cause: error });
}
