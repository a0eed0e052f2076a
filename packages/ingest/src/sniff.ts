/**
 * What a file really is. Magic bytes and the insides of zip archives decide; the file name and the media type that came with
 * it are hints that only choose between kinds of plain text.
 */
import { AppError } from "@lorekeep/core";
import { fileTypeFromBuffer } from "file-type";

export const FORMATS = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  epub: "application/epub+zip",
  html: "text/html",
  markdown: "text/markdown",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  json: "application/json",
  jsonl: "application/x-ndjson",
  text: "text/plain",
} as const;
export type Format = keyof typeof FORMATS;
export type TextFormat = "html" | "markdown" | "csv" | "tsv" | "json" | "jsonl" | "text";

/** For messages; in the order in which people ask for them. */
export const SUPPORTED = "PDF, DOCX, XLSX, EPUB, HTML, Markdown, text, CSV and JSON";

const OLE_MAGIC = Buffer.from("d0cf11e0a1b11ae1", "hex");
const ENCRYPTED_PACKAGE = Buffer.from("EncryptedPackage", "utf16le");
const HEAD_BYTES = 4_100;

export interface Hints {
  readonly name: string;
  readonly mediaType: string | null;
}

/** The header may follow some junk: readers search the first kilobyte (PDF 1.7 reference, implementation note 13). */
export const isPdf = (head: Buffer): boolean => head.subarray(0, 1024).includes("%PDF-");

/** Written in letters from the start, and yet no text that anybody asks questions of. */
const LETTERED: ReadonlySet<string> = new Set(["ps", "eps"]);

/**
 * No control characters but line ends and tabs: such a head is text, whatever its first letters are. Magic of a few letters stands in
 * prose too: "BMP signalling …", and bytes 5 to 8 of "The widespread …", which a film may have there as well.
 */
const isPrintable = (head: Buffer): boolean =>
  head.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13);

/**
 * Of bytes that are no PDF: "zip" still has to be looked into, and kinds of "text" are told apart once it is decoded.
 * Throws document_empty, document_encrypted, document_corrupt, document_format_unsupported.
 */
export async function sniffContainer(bytes: Buffer): Promise<"zip" | "text"> {
  if (bytes.length === 0) throw new AppError("document_empty", "The file is empty (0 bytes).");
  if (/\b\d+ 0 obj\b[^]{0,2000}<</.test(bytes.subarray(0, 4_096).toString("latin1")) && bytes.includes("endobj"))
    throw new AppError("document_corrupt", "The PDF is damaged: its header is missing.");
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0x504b0304) return "zip";
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0x504b0506)
    throw new AppError("document_empty", "The file is an empty archive.");
  if (bytes.subarray(0, 8).equals(OLE_MAGIC)) throw oleError(bytes);
  const found = await fileTypeFromBuffer(bytes.subarray(0, HEAD_BYTES));
  if (
    found !== undefined &&
    !(isPrintable(bytes.subarray(0, 512)) && !LETTERED.has(found.ext)) &&
    !/^(?:text\/|application\/(?:xml|json))/.test(found.mime) &&
    found.mime !== "application/rtf"
  )
    throw unsupported(`a ${found.ext.toUpperCase()} file`, found.mime);
  if (found?.ext === "rtf" || bytes.subarray(0, 5).toString("latin1") === "{\\rtf")
    throw unsupported("an RTF file", "application/rtf");
  return "text";
}

/** Password-protected Office files are OLE containers too; the rest are the formats before 2007. */
function oleError(bytes: Buffer): AppError {
  if (bytes.includes(ENCRYPTED_PACKAGE))
    return new AppError(
      "document_encrypted",
      "The document is protected by a password. Remove the password and upload it again.",
    );
  return unsupported("a file of Office 97–2003 or another old binary format", "application/x-ole-storage");
}

export function unsupported(what: string, mediaType: string): AppError {
  return new AppError(
    "document_format_unsupported",
    `This is ${what}, which cannot be read. Readable are ${SUPPORTED}.`,
    { mediaType },
  );
}

const EXTENSIONS: Readonly<Record<string, TextFormat>> = {
  html: "html",
  htm: "html",
  xhtml: "html",
  md: "markdown",
  markdown: "markdown",
  mdx: "markdown",
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  json: "json",
  jsonl: "jsonl",
  ndjson: "jsonl",
  txt: "text",
  text: "text",
  log: "text",
};
const MEDIA_TYPES: Readonly<Record<string, TextFormat>> = {
  "text/html": "html",
  "application/xhtml+xml": "html",
  "text/markdown": "markdown",
  "text/x-markdown": "markdown",
  "text/csv": "csv",
  "text/tab-separated-values": "tsv",
  "application/json": "json",
  "application/x-ndjson": "jsonl",
  "application/jsonl": "jsonl",
};

/** Chooses between kinds of text by what it looks like, then by the hints. */
export function textFormatOf(text: string, hints: Hints): TextFormat {
  const head = text.slice(0, 2_000).trimStart();
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html[\s>])/i.test(head)) return "html";
  const extension = /\.([a-z0-9]+)$/i.exec(hints.name)?.[1]?.toLowerCase() ?? "";
  const hinted = EXTENSIONS[extension] ?? MEDIA_TYPES[(hints.mediaType ?? "").split(";")[0]!.trim().toLowerCase()];
  if (hinted !== undefined) return hinted;
  if (/^<(?:head|body|div|p|h[1-6]|table|article|section)[\s>]/i.test(head)) return "html";
  if (/^\s*[[{]/.test(head) && isJson(text)) return "json";
  return "text";
}

function isJson(text: string): boolean {
  if (text.length > 20_000_000) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
