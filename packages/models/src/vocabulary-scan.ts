/**
 * The Unigram vocabulary of a `tokenizer.json`, read out of the file's bytes piece by piece. JSON.parse would make half a million
 * objects of it, some 100 MB that a thread keeps long after. What remains is a small JSON text that keeps the first pieces only.
 */
import { AppError } from "@lorekeep/core";
import type { PieceTable } from "./piece-table.ts";

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Bytes of numbers and of true, false and null. */
const IS_WORD = Uint8Array.from({ length: 256 }, (_, byte) => Number(/[-+.\w]/.test(String.fromCharCode(byte))));

/** Moves over JSON bytes. Throws model_invalid where they are none. */
class Scanner {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next byte that is no white space, not taken. */
  peek(): number {
    while (this.at < this.#bytes.length && this.#bytes[this.at]! <= 0x20) this.at += 1;
    return this.#bytes[this.at] ?? -1;
  }

  /** Takes this byte when it is the next one. */
  takes(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at += 1;
    return true;
  }

  expect(byte: number): void {
    if (!this.takes(byte)) throw invalid();
  }

  string(): string {
    const { from, to, isPlain } = this.quoted();
    const text = this.#bytes.toString("utf8", from, to);
    return isPlain ? text : (JSON.parse(`"${text}"`) as string); // between quotes: a string or a syntax error
  }

  /** Takes a string and says where between its quotes it stands; `isPlain` = as it is, without escapes. */
  quoted(): { readonly from: number; readonly to: number; readonly isPlain: boolean } {
    this.expect(QUOTE);
    const from = this.at;
    let isPlain = true;
    while (this.at < this.#bytes.length && this.#bytes[this.at] !== QUOTE) {
      if (this.#bytes[this.at] === BACKSLASH) {
        isPlain = false;
        this.at += 1;
      }
      this.at += 1;
    }
    const to = this.at;
    this.expect(QUOTE);
    return { from, to, isPlain };
  }

  number(): number {
    const value = Number(this.#word());
    if (Number.isNaN(value)) throw invalid();
    return value;
  }

  skip(): void {
    const first = this.peek();
    if (first === QUOTE) this.string();
    else if (first === OPEN_LIST) this.items(() => this.skip());
    else if (first === OPEN_OBJECT) this.members(() => this.skip());
    else this.#word();
  }

  #word(): string {
    this.peek();
    const start = this.at;
    while (this.at < this.#bytes.length && IS_WORD[this.#bytes[this.at]!] === 1) this.at += 1;
    if (start === this.at) throw invalid();
    return this.#bytes.toString("latin1", start, this.at);
  }

  /** `item` must take each item's value. */
  items(item: () => void): void {
    this.expect(OPEN_LIST);
    if (this.takes(CLOSE_LIST)) return;
    do item();
    while (this.takes(COMMA));
    this.expect(CLOSE_LIST);
  }

  /** `member` must take each member's value. */
  members(member: (key: string) => void): void {
    this.expect(OPEN_OBJECT);
    if (this.takes(CLOSE_OBJECT)) return;
    do {
      const key = this.string();
      this.expect(COLON);
      member(key);
    } while (this.takes(COMMA));
    this.expect(CLOSE_OBJECT);
  }
}

const invalid = (): AppError => new AppError("model_invalid", "The model's tokenizer.json cannot be read.");

/**
 * Adds each pair of a `model.vocab` list to `table`, and returns the text of all else with the first `keep` pairs. A vocabulary
 * that is an object (WordPiece) stays in the text. Throws model_invalid, and SyntaxError for a damaged string.
 */
export function scanVocabulary(bytes: Buffer, keep: number, table: PieceTable): string {
  const scanner = new Scanner(bytes);
  let cut: readonly [from: number, to: number] = [0, 0];
  const pair = (): void => {
    scanner.expect(OPEN_LIST);
    scanner.peek();
    const start = scanner.at;
    const { from, to, isPlain } = scanner.quoted();
    scanner.expect(COMMA);
    const score = scanner.number();
    if (isPlain) table.addUtf8(bytes, from, to, score);
    else table.add(JSON.parse(bytes.toString("utf8", start, to + 1)) as string, score); // a string or a syntax error
    scanner.expect(CLOSE_LIST);
  };
  const vocabulary = (): void => {
    let count = 0;
    let keptTo = 0;
    scanner.items(() => {
      pair();
      count += 1;
      if (count <= keep) keptTo = scanner.at;
    });
    cut = [keptTo, scanner.at - 1];
  };
  scanner.members((key) => {
    if (key !== "model" || scanner.peek() !== OPEN_OBJECT) return scanner.skip();
    scanner.members((part) => {
      if (part === "vocab" && scanner.peek() === OPEN_LIST) vocabulary();
      else scanner.skip();
    });
  });
  const [from, to] = cut;
  return from === 0 ? bytes.toString("utf8") : bytes.toString("utf8", 0, from) + bytes.toString("utf8", to);
}
