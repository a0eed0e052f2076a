/**
 * Bytes → text. A byte order mark decides; then valid UTF-8; then zero bytes at every other place (UTF-16 without a mark);
 * then what the document declares; then statistics (jschardet). Bytes that no charset explains are a binary file.
 */
import { AppError } from "@lorekeep/core";
import iconv from "iconv-lite";
import jschardet from "jschardet";

const SAMPLE_BYTES = 200_000;
/** Statistics below this confidence lose against windows-1252, which explains every byte. */
const MIN_CONFIDENCE = 0.2;
/** One broken character in a thousand bytes is damage; more is another charset. */
const MAX_BROKEN_SHARE = 0.001;
const MAX_CONTROL_SHARE = 0.02;

export interface Decoded {
  readonly text: string;
  readonly charset: string;
  readonly warnings: readonly string[];
}

/** `declared`: charset named by the document or its transport. Throws document_format_unsupported for binary data. */
export function decodeText(bytes: Buffer, declared: string | null = null): Decoded {
  const marked = decodeMarked(bytes) ?? decodeUtf8(bytes) ?? decodeUtf16(bytes) ?? decodeDeclared(bytes, declared);
  const decoded = marked ?? decodeGuessed(bytes);
  const sample = decoded.text.slice(0, SAMPLE_BYTES);
  // eslint-disable-next-line no-control-regex -- control characters are what tells binary data
  const controls = sample.match(/[\u0000-\u0008\u000E-\u001A\u001C-\u001F\uFFFD]/g)?.length ?? 0;
  if (sample.includes("\0") || (controls > 2 && controls > sample.length * MAX_CONTROL_SHARE))
    throw new AppError(
      "document_format_unsupported",
      "The file is binary data of a kind that cannot be read as text.",
      {
        byteCount: bytes.length,
      },
    );
  return decoded;
}

function decodeMarked(bytes: Buffer): Decoded | null {
  const found = (charset: string): Decoded => ({
    text: stripMark(iconv.decode(bytes, charset)),
    charset,
    warnings: [],
  });
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0x0000feff) return found("utf-32le");
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    const text = bytes.toString("utf8", 3);
    return { text, charset: "utf-8", warnings: [] };
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return found("utf-16le");
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return found("utf-16be");
  return null;
}

const stripMark = (text: string): string => (text.startsWith("\uFEFF") ? text.slice(1) : text);

function decodeUtf8(bytes: Buffer): Decoded | null {
  if (looksUtf16(bytes) !== null) return null;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), charset: "utf-8", warnings: [] };
  } catch {
    // Not valid throughout: a few damaged characters are forgiven, if the rest is clearly UTF-8.
    const text = bytes.toString("utf8");
    const broken = text.match(/\uFFFD/g)?.length ?? 0;
    // eslint-disable-next-line no-control-regex -- everything beyond ASCII
    const foreign = text.match(/[^\u0000-\u007F]/g)?.length ?? 0;
    if (broken > Math.max(1, bytes.length * MAX_BROKEN_SHARE) || broken * 4 > foreign) return null;
    return {
      text,
      charset: "utf-8",
      warnings: [`${broken} damaged character${broken === 1 ? "" : "s"} could not be read.`],
    };
  }
}

/** UTF-16 without a mark: Latin text has zeros in every high byte; for other scripts line breaks and blanks give it away. */
function looksUtf16(bytes: Buffer): "utf-16le" | "utf-16be" | null {
  const length = Math.min(bytes.length, 20_000) & ~1;
  if (length < 4) return null;
  let evenZeros = 0;
  let oddZeros = 0;
  for (let at = 0; at < length; at += 2) {
    if (bytes[at] === 0) evenZeros += 1;
    if (bytes[at + 1] === 0) oddZeros += 1;
  }
  const pairs = length / 2;
  if (oddZeros > pairs * 0.02 && oddZeros > evenZeros * 8) return "utf-16le";
  if (evenZeros > pairs * 0.02 && evenZeros > oddZeros * 8) return "utf-16be";
  return null;
}

function decodeUtf16(bytes: Buffer): Decoded | null {
  const charset = looksUtf16(bytes);
  if (charset === null) return null;
  return { text: stripMark(iconv.decode(bytes, charset)), charset, warnings: [] };
}

function decodeDeclared(bytes: Buffer, declared: string | null): Decoded | null {
  if (declared === null || /^utf-?(?:8|16)/i.test(declared) || !iconv.encodingExists(declared)) return null;
  // GB2312 is a small part of what such pages really use.
  const charset = /^(?:gb2312|gbk|x-gbk|cp936)$/i.test(declared) ? "gb18030" : declared.toLowerCase();
  return { text: iconv.decode(bytes, charset), charset, warnings: [] };
}

function decodeGuessed(bytes: Buffer): Decoded {
  const guess = jschardet.detect(bytes.subarray(0, SAMPLE_BYTES));
  const name = guess.confidence >= MIN_CONFIDENCE && guess.encoding != null ? guess.encoding : "windows-1252";
  const charset = /^gb/i.test(name)
    ? "gb18030"
    : /^(?:ascii|iso-8859-1)$/i.test(name)
      ? "windows-1252"
      : name.toLowerCase();
  const known = iconv.encodingExists(charset) ? charset : "windows-1252";
  return {
    text: iconv.decode(bytes, known),
    charset: known,
    warnings: [`The text encoding is not stated; it was read as ${known}.`],
  };
}
