/**
 * The pieces of a vocabulary and their scores, in typed arrays: 250,000 pieces take about 8 MB, a tenth of what strings in a map take,
 * and a piece is looked up in the middle of a text without cutting it out. Open addressing; ids are given in the order of adding.
 */
const NONE = 0;
const HASH_START = 0x811c9dc5;
const HASH_PRIME = 0x01000193;

/** FNV-1a over UTF-16 units, one at a time. */
const hashed = (hash: number, unit: number): number => Math.imul(hash ^ unit, HASH_PRIME);
const spread = (hash: number): number => (hash ^ (hash >>> 15)) >>> 0;

export class PieceTable {
  #units = new Uint16Array(4096);
  /** Piece i lies at `#ends[i - 1] … #ends[i]`. */
  #ends = new Uint32Array(1024);
  #scores = new Float64Array(1024);
  /** id + 1 of those that may be found. */
  #slots = new Uint32Array(0);
  #size = 0;
  #lowest = Infinity;
  /** By first UTF-16 unit: how long a piece that begins so can be. */
  readonly #longest = new Uint16Array(65_536);

  get size(): number {
    return this.#size;
  }
  /** Of all pieces; Infinity without any. */
  get lowestScore(): number {
    return this.#lowest;
  }

  add(piece: string, score: number): void {
    const start = this.#open(piece.length);
    for (let i = 0; i < piece.length; i += 1) this.#units[start + i] = piece.charCodeAt(i);
    this.#close(start + piece.length, score);
  }

  /** The same for a piece in UTF-8, without a string of it. `bytes[from … to]` is trusted to be whole characters. */
  addUtf8(bytes: Uint8Array, from: number, to: number, score: number): void {
    let end = this.#open(to - from);
    for (let at = from; at < to;) {
      const lead = bytes[at]!;
      const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      let point = length === 1 ? lead : lead & (0x7f >> length);
      for (let i = 1; i < length; i += 1) point = (point << 6) | (bytes[at + i]! & 0x3f);
      at += length;
      if (point > 0xffff) {
        this.#units[end++] = 0xd800 + ((point - 0x10000) >> 10);
        point = 0xdc00 + ((point - 0x10000) & 0x3ff);
      }
      this.#units[end++] = point;
    }
    this.#close(end, score);
  }

  /** Makes room for one more piece of at most so many units; returns where it begins. */
  #open(length: number): number {
    const start = this.#size === 0 ? 0 : this.#ends[this.#size - 1]!;
    if (this.#size === this.#ends.length) {
      this.#ends = grown(this.#ends, new Uint32Array(2 * this.#size));
      this.#scores = grown(this.#scores, new Float64Array(2 * this.#size));
    }
    while (start + length > this.#units.length)
      this.#units = grown(this.#units, new Uint16Array(2 * this.#units.length));
    return start;
  }

  #close(end: number, score: number): void {
    this.#ends[this.#size] = end;
    this.#scores[this.#size] = score;
    this.#lowest = Math.min(this.#lowest, score);
    this.#size += 1;
  }

  /** To be called once, after the last `add`: from now on all but these ids are found. */
  seal(hidden: ReadonlySet<number>): void {
    this.#units = this.#units.slice(0, this.#size === 0 ? 0 : this.#ends[this.#size - 1]);
    this.#ends = this.#ends.slice(0, this.#size);
    this.#scores = this.#scores.slice(0, this.#size);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * this.#size + 2)));
    for (let id = 0; id < this.#size; id += 1) if (!hidden.has(id)) this.#place(id);
  }

  scoreOf(id: number): number {
    return this.#scores[id]!;
  }

  /** True when a piece that may be found has this character anywhere but at its start. */
  hasInside(character: string, hidden: ReadonlySet<number>): boolean {
    const unit = character.charCodeAt(0);
    for (let id = 0, start = 0; id < this.#size; id += 1) {
      const end = this.#ends[id]!;
      for (let i = start + 1; i < end; i += 1) if (this.#units[i] === unit && !hidden.has(id)) return true;
      start = end;
    }
    return false;
  }

  /**
   * Calls back for every piece that the text has at `start`, shortest first, with its end and id. Pieces that end before `from` are left out.
   */
  eachAt(text: string, start: number, from: number, found: (end: number, id: number) => void): void {
    const last = Math.min(text.length, start + this.#longest[text.charCodeAt(start)]!);
    let hash = HASH_START;
    for (let end = start; end < last;) {
      hash = hashed(hash, text.charCodeAt(end));
      end += 1;
      if (end < from) continue;
      const id = this.#find(text, start, end, hash);
      if (id >= 0) found(end, id);
    }
  }

  #find(text: string, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let at = spread(hash) & mask; this.#slots[at] !== NONE; at = (at + 1) & mask) {
      const id = this.#slots[at]! - 1;
      if (this.#isAt(id, text, start, end)) return id;
    }
    return -1;
  }

  #isAt(id: number, text: string, start: number, end: number): boolean {
    const from = id === 0 ? 0 : this.#ends[id - 1]!;
    if (this.#ends[id]! - from !== end - start) return false;
    for (let i = start; i < end; i += 1) if (this.#units[from + i - start] !== text.charCodeAt(i)) return false;
    return true;
  }

  /** A later piece of the same text takes the place of the earlier one, as in a map. */
  #place(id: number): void {
    const start = id === 0 ? 0 : this.#ends[id - 1]!;
    const end = this.#ends[id]!;
    if (start === end) return;
    let hash = HASH_START;
    for (let i = start; i < end; i += 1) hash = hashed(hash, this.#units[i]!);
    const mask = this.#slots.length - 1;
    let at = spread(hash) & mask;
    while (this.#slots[at] !== NONE && !this.#isSame(this.#slots[at]! - 1, start, end)) at = (at + 1) & mask;
    this.#slots[at] = id + 1;
    const first = this.#units[start]!;
    this.#longest[first] = Math.max(this.#longest[first]!, end - start);
  }

  #isSame(id: number, start: number, end: number): boolean {
    const from = id === 0 ? 0 : this.#ends[id - 1]!;
    if (this.#ends[id]! - from !== end - start) return false;
    for (let i = start; i < end; i += 1) if (this.#units[from + i - start] !== this.#units[i]) return false;
    return true;
  }
}

function grown<Numbers extends Uint16Array | Uint32Array | Float64Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old);
  return larger;
}
