/**
 * The best k of a stream of scored rows: a binary heap with the worst kept one on top, so that most rows are refused by
 * one comparison. Equal scores keep the smaller seq, so the same question always has the same answer.
 */
import type { Neighbour } from "@lorekeep/core";

export class TopK {
  readonly #k: number;
  readonly #seqs: number[] = [];
  readonly #scores: number[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  get size(): number {
    return this.#seqs.length;
  }

  offer(seq: number, score: number): void {
    if (this.#seqs.length < this.#k) {
      this.#seqs.push(seq);
      this.#scores.push(score);
      this.#rise(this.#seqs.length - 1);
    } else if (this.#k > 0 && (score > this.#scores[0] || (score === this.#scores[0] && seq < this.#seqs[0]))) {
      this.#seqs[0] = seq;
      this.#scores[0] = score;
      this.#sink(0);
    }
  }

  /** Best first. */
  sorted(): Neighbour[] {
    return this.#seqs
      .map((seq, i) => ({ seq, score: this.#scores[i] }))
      .sort((a, b) => b.score - a.score || a.seq - b.seq);
  }

  #isWorse(i: number, j: number): boolean {
    return this.#scores[i] < this.#scores[j] || (this.#scores[i] === this.#scores[j] && this.#seqs[i] > this.#seqs[j]);
  }

  #swap(i: number, j: number): void {
    [this.#seqs[i], this.#seqs[j]] = [this.#seqs[j], this.#seqs[i]];
    [this.#scores[i], this.#scores[j]] = [this.#scores[j], this.#scores[i]];
  }

  #rise(start: number): void {
    for (let i = start; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#isWorse(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(start: number): void {
    for (let i = start; ;) {
      const left = 2 * i + 1;
      const right = left + 1;
      let worst = i;
      if (left < this.#seqs.length && this.#isWorse(left, worst)) worst = left;
      if (right < this.#seqs.length && this.#isWorse(right, worst)) worst = right;
      if (worst === i) return;
      this.#swap(i, worst);
      i = worst;
    }
  }
}
