/**
 * A Unigram tokenizer model (Kudo 2018): the most probable split of a text into vocabulary pieces, found by Viterbi. It stands in
 * for the one of @huggingface/tokenizers, whose trie of a 250,000-piece vocabulary takes about 280 MB where this table
 * takes about 8; the ids are the same (tested against it). Words (runs that begin with ▁) are independent of each other
 * because no piece has ▁ inside, so their splits are remembered.
 */
import type { PieceTable } from "./piece-table.ts";

const UNKNOWN_PENALTY = 10; // what SentencePiece takes off the lowest score
const REMEMBERED_WORDS = 10_000;
/** Longer ones would keep the text alive that they were cut from. */
const LONGEST_REMEMBERED = 12;

export interface UnigramVocabulary {
  readonly unknownId: number;
  /** Pieces that text must never become: `<s>`, `<mask>`, … */
  readonly specialIds: ReadonlySet<number>;
}

/** A split: ids, and for each the UTF-16 length of the text that it stands for. */
interface Split {
  readonly ids: readonly number[];
  readonly lengths: readonly number[];
}

export class Unigram {
  readonly #pieces: PieceTable;
  readonly #unknownId: number;
  readonly #unknownScore: number;
  readonly #splitsWords: boolean;
  readonly #remembered = new Map<string, Split>();
  /** Scratch of #split, by position: the best score so far, and the piece that got there. */
  #best = new Float64Array(64);
  #from = new Int32Array(64);
  #via = new Int32Array(64);

  /** `pieces` by id, not sealed; they belong to this model from now on. */
  constructor(pieces: PieceTable, { unknownId, specialIds }: UnigramVocabulary) {
    const hidden = new Set([...specialIds, unknownId]);
    pieces.seal(hidden);
    this.#pieces = pieces;
    this.#unknownId = unknownId;
    this.#unknownScore = pieces.lowestScore - UNKNOWN_PENALTY;
    this.#splitsWords = !pieces.hasInside("▁", hidden);
  }

  /** Ids of normalised text in which ▁ stands for a space. Runs of unknown characters become one unknown id. */
  encode(text: string): number[] {
    return this.encodeSpans(text).ids;
  }

  /** The same, with the end of each id's text in UTF-16 units; each begins where the one before it ends. */
  encodeSpans(text: string): { ids: number[]; ends: number[] } {
    const ids: number[] = [];
    const ends: number[] = [];
    let end = 0;
    for (const word of this.#splitsWords ? text.split(/(?=▁)/) : [text]) {
      const split = this.#encodeWord(word);
      for (const [i, id] of split.ids.entries()) {
        end += split.lengths[i]!;
        if (id === this.#unknownId && ids.at(-1) === id) ends[ends.length - 1] = end;
        else {
          ids.push(id);
          ends.push(end);
        }
      }
    }
    return { ids, ends };
  }

  #encodeWord(word: string): Split {
    const known = this.#remembered.get(word);
    if (known !== undefined) return known;
    const split = this.#split(word);
    if (word.length <= LONGEST_REMEMBERED) {
      if (this.#remembered.size >= REMEMBERED_WORDS) this.#remembered.clear();
      this.#remembered.set(word, split);
    }
    return split;
  }

  /** Viterbi over UTF-16 positions; a surrogate pair is one step, so no piece begins inside it. */
  #split(word: string): Split {
    const { length } = word;
    if (length >= this.#best.length) this.#widen(length + 1);
    const [best, from, via] = [this.#best, this.#from, this.#via];
    best.fill(-Infinity, 0, length + 1);
    best[0] = 0;
    let start = 0;
    let step = 1;
    let single = false;
    const reach = (end: number, id: number): void => {
      single ||= end === start + step;
      const score = best[start]! + this.#pieces.scoreOf(id);
      if (score > best[end]!) [best[end], from[end], via[end]] = [score, start, id];
    };
    for (; start < length; start += 1) {
      if (best[start] === -Infinity) continue;
      step = word.codePointAt(start)! > 0xffff ? 2 : 1;
      single = false;
      this.#pieces.eachAt(word, start, start + step, reach);
      const score = best[start]! + this.#unknownScore;
      const end = start + step;
      if (!single && score > best[end]!) [best[end], from[end], via[end]] = [score, start, this.#unknownId];
    }
    const [ids, lengths]: [number[], number[]] = [[], []];
    for (let end = length; end > 0; end = from[end]!) {
      ids.push(via[end]!);
      lengths.push(end - from[end]!);
    }
    return { ids: ids.reverse(), lengths: lengths.reverse() };
  }

  #widen(length: number): void {
    const size = 2 ** Math.ceil(Math.log2(length + 1));
    this.#best = new Float64Array(size);
    this.#from = new Int32Array(size);
    this.#via = new Int32Array(size);
  }
}
