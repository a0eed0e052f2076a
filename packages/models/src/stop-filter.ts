/**
 * Watches streamed text for stop strings. Text that might be the beginning of one is held back until it is clear, so a
 * reader never sees any part of a stop string.
 */
export class StopFilter {
  readonly #stops: readonly string[];
  #held = "";

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== "");
  }

  /** What may be shown now, and whether a stop string was completed. */
  push(text: string): { text: string; stopped: boolean } {
    this.#held += text;
    const found = this.#stops.map((stop) => this.#held.indexOf(stop)).filter((index) => index >= 0);
    if (found.length > 0) {
      const shown = this.#held.slice(0, Math.min(...found));
      this.#held = "";
      return { text: shown, stopped: true };
    }
    const keep = Math.max(0, ...this.#stops.map((stop) => overlap(this.#held, stop)));
    const shown = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return { text: shown, stopped: false };
  }

  /** The rest, when nothing more comes. */
  flush(): string {
    const rest = this.#held;
    this.#held = "";
    return rest;
  }
}

/** Length of the longest end of `text` that `stop` begins with. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length -= 1)
    if (text.endsWith(stop.slice(0, length))) return length;
  return 0;
}
