/**
 * Text → token ids for the embedders, from a `tokenizer.json`. Normalising, WordPiece and the special tokens are those of
 * @huggingface/tokenizers; Unigram vocabularies go through our own unigram.ts. Neighbours: embed-worker.ts calls it off the main thread.
 */
import { readFile } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import { createLibraryTokenizer, type LibraryTokenizer } from "./library-tokenizer.ts";
import { mapNormalized } from "./normalized-offsets.ts";
import { PieceTable } from "./piece-table.ts";
import { Unigram } from "./unigram.ts";
import { scanVocabulary } from "./vocabulary-scan.ts";

export interface TextTokenizer {
  /** Ids of the text alone, without special tokens. */
  encode(text: string): number[];
  /** Special tokens that go before and after. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly padId: number;
}
/** A tokenizer that also says where in the text each id comes from. */
export interface SpanTokenizer extends TextTokenizer {
  /** Half-open UTF-16 span of the text as given for each id; one that stands for nothing but the leading mark is empty. */
  encodeSpans(text: string): { readonly ids: number[]; readonly spans: (readonly [start: number, end: number])[] };
}

/** Those that stand for marks come first in every Unigram vocabulary. */
const KEPT_PIECES = 11;

interface TokenizerJson {
  readonly model: {
    readonly type?: string;
    readonly vocab?: unknown;
    readonly unk_id?: number;
  };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string; readonly special: boolean }[];
}

/** Throws model_invalid when the file is not a tokenizer that the library knows. */
export function parseTokenizer(text: string): TextTokenizer {
  return parseBytes(Buffer.from(text));
}

export async function loadTokenizer(path: string): Promise<TextTokenizer | SpanTokenizer> {
  return parseBytes(await readFile(path));
}

/** A `tokenizer.json` with a Unigram vocabulary. Throws model_invalid for others. */
export async function loadSpanTokenizer(path: string): Promise<SpanTokenizer> {
  const tokenizer = parseBytes(await readFile(path));
  if (!("encodeSpans" in tokenizer)) throw noSpans();
  return tokenizer;
}

/** The same from parsed JSON. Throws model_invalid for others. */
export function parseSpanTokenizer(json: unknown): SpanTokenizer {
  const known = json as TokenizerJson; // the library checks what it needs
  if (known.model.type !== "Unigram") throw noSpans();
  const vocabulary = known.model.vocab as readonly (readonly [string, number])[]; // Unigram vocabularies are such pairs
  const pieces = new PieceTable();
  for (const [piece, score] of vocabulary) pieces.add(piece, score);
  return unigramTokenizer({ ...known, model: { ...known.model, vocab: vocabulary.slice(0, KEPT_PIECES) } }, pieces);
}

function parseBytes(bytes: Buffer): TextTokenizer | SpanTokenizer {
  try {
    const pieces = new PieceTable();
    const json = JSON.parse(scanVocabulary(bytes, KEPT_PIECES, pieces)) as TokenizerJson; // the library checks what it needs
    if (json.model.type !== "Unigram") return libraryTokenizer(json);
    if (pieces.size === 0) throw new AppError("model_invalid", "The vocabulary is empty.");
    return unigramTokenizer(json, pieces);
  } catch (error) {
    throw new AppError("model_invalid", "The model's tokenizer.json cannot be read.", {}, { cause: error });
  }
}

const noSpans = (): AppError =>
  new AppError("model_invalid", "Only a tokenizer with a Unigram vocabulary can tell where its tokens come from.");

/** What the post-processor puts around an empty text: the first half goes before, the rest after. */
function specials(library: LibraryTokenizer): { before: number[]; after: number[] } {
  const ids = library.encode("", { add_special_tokens: true }).ids;
  return ids.length === 1 ? { before: [], after: ids } : { before: ids.slice(0, 1), after: ids.slice(1) };
}

function padIdOf(json: TokenizerJson): number {
  return json.added_tokens?.find((token) => /^(\[PAD\]|<pad>)$/i.test(token.content))?.id ?? 0;
}

function libraryTokenizer(json: TokenizerJson): TextTokenizer {
  const library = createLibraryTokenizer(json);
  return {
    encode: (text) => library.encode(text, { add_special_tokens: false }).ids,
    ...specials(library),
    padId: padIdOf(json),
  };
}

/** `json` keeps the first pieces only: the library's normaliser and post-processor are wanted, not its trie. */
function unigramTokenizer(json: TokenizerJson, pieces: PieceTable): SpanTokenizer {
  const library = createLibraryTokenizer(json);
  const special = (json.added_tokens ?? []).filter((token) => token.special).map((token) => token.id);
  const unigram = new Unigram(pieces, { unknownId: json.model.unk_id ?? 0, specialIds: new Set(special) });
  const normalize = library.normalizer ?? ((text: string): string => text);
  const mark = (normalized: string): string => {
    if (normalized === "") return "";
    return library.pre_tokenizer === null
      ? normalized
      : library.pre_tokenizer(normalized, { section_index: 0 }).join("");
  };
  return {
    encode: (text) => unigram.encode(mark(normalize(text))),
    encodeSpans: (text) => {
      const { normalized, starts, ends } = mapNormalized(text, normalize);
      const marked = mark(normalized);
      const added = marked.length - normalized.length; // the mark that is put before the first word
      const split = unigram.encodeSpans(marked);
      const spans = split.ends.map((end, i): readonly [number, number] => {
        const from = Math.max(0, (i === 0 ? 0 : split.ends[i - 1]!) - added);
        const to = end - added;
        return to <= from ? [starts[0] ?? 0, starts[0] ?? 0] : [starts[from]!, ends[to - 1]!];
      });
      return { ids: split.ids, spans };
    },
    ...specials(library),
    padId: padIdOf(json),
  };
}
