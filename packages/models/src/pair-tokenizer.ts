/**
 * A question and a passage → what the reader's encoder is fed: `<s> query: QUESTION </s> PASSAGE </s>`, one segment, at most
 * `maxTokens`. The one function that serving and training share. Long passages become windows that overlap; every passage token knows
 * its UTF-16 span in the passage as given. Devlin et al. 2018, section 4.2, with the windows of BERT's SQuAD code.
 */
import { open } from "node:fs/promises";
import { AppError } from "@lorekeep/core";
import { openE5File } from "./convert/e5-file.ts";
import { unigramTokenizerJson } from "./convert/tokenizer-json.ts";
import { loadSpanTokenizer, parseSpanTokenizer, type SpanTokenizer } from "./tokenizer.ts";

export const READER_MAX_TOKENS = 384;
export const READER_OVERLAP_TOKENS = 128;
/** A longer question loses its end: a passage must have room beside it. */
const QUESTION_TOKENS = 128;

export interface PairWindow {
  readonly ids: number[];
  /** Index in `ids` of the first passage token; the last one stands before the final `</s>`. */
  readonly passageStart: number;
  /** Spans in the passage of the tokens `ids[passageStart] … ids[passageStart + spans.length − 1]`. */
  readonly spans: readonly (readonly [start: number, end: number])[];
}
export interface PairOptions {
  readonly maxTokens?: number | undefined;
  readonly overlapTokens?: number | undefined;
}
export interface PairTokenizer {
  readonly padId: number;
  /** At least one window; together they hold every token of the passage. */
  encodePair(question: string, passage: string, options?: PairOptions): PairWindow[];
  /** Ids of a text alone. */
  encode(text: string): number[];
}

export function pairTokenizer(tokenizer: SpanTokenizer): PairTokenizer {
  return {
    padId: tokenizer.padId,
    encode: (text) => tokenizer.encode(text),
    encodePair: (question, passage, options = {}) => {
      const { maxTokens = READER_MAX_TOKENS, overlapTokens = READER_OVERLAP_TOKENS } = options;
      const mostAsked = Math.min(QUESTION_TOKENS, Math.floor(maxTokens / 3));
      const asked = tokenizer.encode(`query: ${question}`).slice(0, mostAsked);
      const head = [...tokenizer.before, ...asked, ...tokenizer.after];
      const room = maxTokens - head.length - tokenizer.after.length;
      const step = Math.max(1, room - overlapTokens);
      const { ids, spans } = tokenizer.encodeSpans(passage);
      const windows: PairWindow[] = [];
      for (let start = 0; start === 0 || start - step + room < ids.length; start += step) {
        windows.push({
          ids: [...head, ...ids.slice(start, start + room), ...tokenizer.after],
          passageStart: head.length,
          spans: spans.slice(start, start + room),
        });
      }
      return windows;
    },
  };
}

/** From a `tokenizer.json` with a Unigram vocabulary, or from a packed E5 file. Throws model_invalid. */
export async function openPairTokenizer(path: string): Promise<PairTokenizer> {
  try {
    if (path.endsWith(".json")) return pairTokenizer(await loadSpanTokenizer(path));
    const handle = await open(path);
    try {
      const { vocabulary } = await openE5File(handle);
      return pairTokenizer(parseSpanTokenizer(unigramTokenizerJson(vocabulary)));
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("model_invalid", "The reader's tokenizer cannot be read.", {}, { cause: error });
  }
}

/**
 * First and last token (indexes in `window.ids`) that cover the half-open span of the passage, or null when the window does not hold all
 * of it: what a training example points at.
 */
export function tokensOfSpan(
  window: PairWindow,
  span: readonly [start: number, end: number],
): readonly [first: number, last: number] | null {
  const [from, to] = span;
  const first = window.spans.findIndex(([start, end]) => end > from && start < to && end > start);
  const last = window.spans.findLastIndex(([start, end]) => end > from && start < to && end > start);
  if (first < 0 || window.spans[first]![0] > from || window.spans[last]![1] < to) return null;
  return [window.passageStart + first, window.passageStart + last];
}
