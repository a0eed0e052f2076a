/**
 * A Unigram tokenizer model (Kudo 2018): the most probable split of a text into vocabulary pieces, found by Viterbi. It stands in
 * for the one of @huggingface/tokenizers, whose trie of a 250,000-piece vocabulary takes about 280 MB where this map
 * takes about 30; the ids are the same (tested against it). Words (runs that begin with ▁) are independent of each other
 * because no piece has ▁ inside, so their splits are remembered.
 */
const UNKNOWN_PENALTY = 10; // what SentencePiece takes off the lowest score
const REMEMBERED_WORDS = 20_000;
const LONGEST_REMEMBERED = 24;

export interface UnigramVocabulary {
  readonly pieces: readonly (readonly [piece: string, score: number])[];
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
  readonly #ids = new Map<string, number>();
  readonly #scores: Float64Array;
  readonly #unknownId: number;
  readonly #unknownScore: number;
  /** By first UTF-16 unit: how long a piece that begins so can be. */
  readonly #longest = new Uint16Array(65_536);
  readonly #splitsWords: boolean;
  readonly #remembered = new Map<string, Split>();

  constructor({ pieces, unknownId, specialIds }: UnigramVocabulary) {
    this.#scores = Float64Array.from(pieces, ([, score]) => score);
    this.#unknownId = unknownId;
    let lowest = Infinity;
    let splitsWords = true;
    for (const [id, [piece, score]] of pieces.entries()) {
      lowest = Math.min(lowest, score);
      if (specialIds.has(id) || id === unknownId || piece === "") continue;
      this.#ids.set(piece, id);
      const first = piece.charCodeAt(0);
      this.#longest[first] = Math.max(this.#longest[first]!, piece.length);
      if (piece.indexOf("▁", 1) > 0) splitsWords = false;
    }
    this.#unknownScore = lowest - UNKNOWN_PENALTY;
    this.#splitsWords = splitsWords;
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
    const length = word.length;
    const best = new Float64Array(length + 1).fill(-Infinity);
    const from = new Int32Array(length + 1);
    const via = new Int32Array(length + 1);
    best[0] = 0;
    for (let start = 0; start < length; start += 1) {
      if (best[start] === -Infinity) continue;
      const step = word.codePointAt(start)! > 0xffff ? 2 : 1;
      let single = false;
      const last = Math.min(length, start + this.#longest[word.charCodeAt(start)]!);
      for (let end = start + step; end <= last; end += 1) {
        const id = this.#ids.get(word.slice(start, end));
        if (id === undefined) continue;
        single ||= end === start + step;
        const score = best[start]! + this.#scores[id]!;
        if (score > best[end]!) [best[end], from[end], via[end]] = [score, start, id];
      }
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
}
