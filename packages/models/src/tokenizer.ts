/**
 * Text → token ids for the embedders, from a `tokenizer.json`. Normalising, WordPiece and the special tokens are those of
 * @huggingface/tokenizers; Unigram vocabularies go through our own unigram.ts. Neighbours: embed-worker.ts calls it off the main thread.
 */
import { readFile } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import { createLibraryTokenizer, type LibraryTokenizer } from "./library-tokenizer.ts";
import { mapNormalized } from "./normalized-offsets.ts";
import { Unigram } from "./unigram.ts";

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
  try {
    const json = JSON.parse(text) as TokenizerJson; // the library checks what it needs
    return json.model.type === "Unigram" ? unigramTokenizer(json) : libraryTokenizer(json);
  } catch (error) {
    throw new AppError("model_invalid", "The model's tokenizer.json cannot be read.", {}, { cause: error });
  }
}

export async function loadTokenizer(path: string): Promise<TextTokenizer> {
  return parseTokenizer(await readFile(path, "utf8"));
}

/** Unigram vocabularies only. Throws model_invalid for others. */
export function parseSpanTokenizer(json: unknown): SpanTokenizer {
  const known = json as TokenizerJson; // the library checks what it needs
  if (known.model.type !== "Unigram")
    throw new AppError(
      "model_invalid",
      "Only a tokenizer with a Unigram vocabulary can tell where its tokens come from.",
    );
  return unigramTokenizer(known);
}

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

function unigramTokenizer(json: TokenizerJson): SpanTokenizer {
  const pieces = json.model.vocab as readonly (readonly [string, number])[]; // Unigram vocabularies are such pairs
  const highest = Math.max(json.model.unk_id ?? 0, ...(json.added_tokens ?? []).map((token) => token.id));
  // The library gets the special tokens only: its normaliser and post-processor are wanted, not its trie.
  const kept = pieces.slice(0, 1 + Math.min(highest, 10));
  const library = createLibraryTokenizer({ ...json, model: { ...json.model, vocab: kept } });
  const special = (json.added_tokens ?? []).filter((token) => token.special).map((token) => token.id);
  const unigram = new Unigram({ pieces, unknownId: json.model.unk_id ?? 0, specialIds: new Set(special) });
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
