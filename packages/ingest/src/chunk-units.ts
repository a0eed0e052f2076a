/**
 * Blocks → the smallest pieces that chunks are made of, each with its token count: sentences of prose, rows of tables, lines
 * of code. A piece that could never fit into a chunk is cut here, so that packing need not know about it.
 */
import type { Block, Span } from "@lorekeep/core";
import { throwIfAborted } from "@lorekeep/core";
import type { ChunkOptions } from "./chunk-options.ts";
import { makePauser } from "./pause.ts";
import { cutText } from "./split-long.ts";

export interface Unit {
  readonly start: number;
  readonly end: number;
  readonly tokens: number;
  /** Index of its block. */
  readonly block: number;
  readonly kind: Block["kind"];
  readonly headings: readonly string[];
  readonly level: number | null;
  /** Header to repeat when a chunk begins here; null for the header row itself. */
  readonly header: string | null;
  readonly headerTokens: number;
}

/** Texts of one counting call: few enough that a call does not hold the event loop. */
const BATCH_LENGTH = 8_000;
const BATCH_TEXTS = 128;
/** Text of more characters per token than this is rare; longer sentences are cut before they are counted. */
const MAX_CHARACTERS_PER_TOKEN = 5;
/** A header that fills more than this share of a chunk is not repeated; headings may use as much. */
const MAX_HEADER_SHARE = 0.5;

type Count = <Item>(items: readonly Item[], textOf: (item: Item) => string) => Promise<number[]>;

/** Counts in small batches with a pause between them; aborts between batches. */
export function makeCounter(options: Pick<ChunkOptions, "countTokens" | "signal">): Count {
  const pause = makePauser(options.signal);
  return async (items, textOf) => {
    const counts: number[] = [];
    while (counts.length < items.length) {
      const texts: string[] = [];
      let length = 0;
      for (let at = counts.length; at < items.length && texts.length < BATCH_TEXTS; at += 1) {
        const text = textOf(items[at]!);
        if (texts.length > 0 && length + text.length > BATCH_LENGTH) break;
        texts.push(text);
        length += text.length;
      }
      throwIfAborted(options.signal);
      counts.push(...(await options.countTokens(texts)));
      await pause();
    }
    return counts;
  };
}

type Piece = Omit<Unit, "tokens" | "headerTokens">;

export async function unitsOf(
  text: string,
  blocks: readonly Block[],
  options: Pick<ChunkOptions, "maxTokens" | "signal">,
  count: Count,
): Promise<Unit[]> {
  const { maxTokens } = options;
  const pause = makePauser(options.signal);
  const pieces: Piece[] = [];
  for (const [index, block] of blocks.entries()) {
    for (const piece of piecesOf(text, block, index, maxTokens)) {
      pieces.push(piece);
      await pause();
    }
  }
  const counts = await count(pieces, ({ start, end }) => text.slice(start, end));
  const headers = [...new Set(pieces.flatMap(({ header }) => header ?? []))];
  const headerCounts = await count(headers, (header) => header.slice(0, maxTokens * MAX_CHARACTERS_PER_TOKEN));
  const headerTokens = new Map(headers.map((header, at) => [header, headerCounts[at]!]));
  const units: Unit[] = [];
  let headingTokens = 0;
  for (const [at, piece] of pieces.entries()) {
    const repeated = piece.header === null ? 0 : headerTokens.get(piece.header)!;
    const fits =
      repeated <= maxTokens * MAX_HEADER_SHARE && (piece.header?.length ?? 0) <= maxTokens * MAX_CHARACTERS_PER_TOKEN;
    const header = fits ? { header: piece.header, headerTokens: repeated } : { header: null, headerTokens: 0 };
    // A heading stays with what follows, so the first piece after headings must leave room for them.
    const reserved = headingTokens <= maxTokens * MAX_HEADER_SHARE ? headingTokens : 0;
    const unit: Unit = { ...piece, ...header, tokens: counts[at]! };
    const limit = maxTokens - Math.max(header.headerTokens, reserved);
    if (unit.tokens <= limit) units.push(unit);
    else units.push(...(await splitUnit(text, unit, limit, count)));
    headingTokens = unit.level === null ? 0 : headingTokens + unit.tokens;
    await pause();
  }
  return units;
}

function* piecesOf(text: string, block: Block, index: number, maxTokens: number): Generator<Piece> {
  const { kind, headings, level } = block;
  for (const [at, sentence] of block.sentences.entries()) {
    const isHeaderRow = kind === "table" && at === 0;
    const header = isHeaderRow ? null : block.header;
    for (const [start, end] of trimmedCuts(text, sentence, maxTokens * MAX_CHARACTERS_PER_TOKEN))
      yield { start, end, block: index, kind, headings, level, header };
  }
}

/** The sentence without the blanks around it, cut when far too long. */
function* trimmedCuts(text: string, [from, to]: Span, maxLength: number): Generator<Span> {
  for (const [start, end] of cutText(text.slice(from, to), maxLength)) {
    const piece = text.slice(from + start, from + end);
    const trimmed = piece.trim();
    if (trimmed === "") continue;
    const lead = piece.length - piece.trimStart().length;
    yield [from + start + lead, from + start + lead + trimmed.length];
  }
}

/** Cuts until every part fits; each round aims lower, down to single characters. */
async function splitUnit(text: string, unit: Unit, limit: number, count: Count): Promise<Unit[]> {
  const length = unit.end - unit.start;
  const target = Math.max(1, Math.min(length - 1, Math.floor((length / unit.tokens) * limit * 0.9)));
  const spans = [...trimmedCuts(text, [unit.start, unit.end], target)];
  const counts = await count(spans, ([start, end]) => text.slice(start, end));
  const parts: Unit[] = [];
  for (const [at, [start, end]] of spans.entries()) {
    const part = { ...unit, start, end, tokens: counts[at]! };
    if (part.tokens <= limit || end - start <= 1) parts.push(part);
    else parts.push(...(await splitUnit(text, part, limit, count)));
  }
  return parts;
}
