/**
 * How many candidates a graph search keeps (`ef` of the paper). More find more of the true neighbours and cost more; how
 * many are needed depends on the embedder and on how far questions lie from passages, so it is measured as searches come:
 * now and then one is answered again by a full scan, and the effort follows the recall.
 *
 * The start values come from multilingual-e5-small (questions against passages, M = 16, efConstruction 128): recall@10
 * of 0.98 took 50, 75, 145 and 200 candidates at 2 176, 4 352, 8 704 and 17 408 vectors. Vectors of the index itself as
 * queries reach 0.998 with 50 and say nothing about questions.
 */
const RECALL_WANTED = 0.975;
/** Above this, effort is wasted. */
const RECALL_AMPLE = 0.995;
/** Searches compared before the effort changes. */
const WINDOW = 16;
const MIN_FACTOR = 0.25;
const MAX_FACTOR = 8;

export class SearchEffort {
  #factor = 1;
  #sum = 0;
  #count = 0;

  /** Candidates for the k nearest of `count` vectors. */
  candidates(count: number, k: number): number {
    const start = Math.max(48, 200 * (count / 17_000) ** 0.65);
    return k + Math.max(32, Math.round(this.#factor * start));
  }

  /** A search was compared with the truth: `recall` in [0,1] of its ten nearest. */
  observe(recall: number): void {
    this.#sum += recall;
    this.#count += 1;
    if (this.#count < WINDOW) return;
    const mean = this.#sum / this.#count;
    if (mean < RECALL_WANTED) this.#factor = Math.min(MAX_FACTOR, this.#factor * 1.3);
    else if (mean > RECALL_AMPLE) this.#factor = Math.max(MIN_FACTOR, this.#factor * 0.9);
    this.#sum = 0;
    this.#count = 0;
  }
}
