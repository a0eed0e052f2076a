/**
 * Two logits per token → the best span and how surely there is one. Score of a span = its start + its end logit; "no answer" points
 * twice at the first token. Devlin et al. 2018, section 4.3.
 */

/** A longer answer is no span. */
export const LONGEST_SPAN_TOKENS = 30;

export interface BestSpan {
  /** Token indexes within the row, last one included; null when no token may be pointed at. */
  readonly tokens: readonly [first: number, last: number] | null;
  /** Best span minus no answer; −Infinity without a span. */
  readonly score: number;
}

/**
 * `logits` [tokens][outputs] with start and end first · `allowed`: tokens at which an answer may begin or end, ascending ·
 * `breaks`: of these, the ones before which a paragraph ends; no answer goes on over one.
 */
export function bestSpan(
  logits: Float32Array,
  outputs: number,
  allowed: readonly number[],
  breaks: ReadonlySet<number> = new Set(),
): BestSpan {
  const none = logits[0]! + logits[1]!;
  let best = -Infinity;
  let tokens: readonly [number, number] | null = null;
  for (const [i, first] of allowed.entries()) {
    const start = logits[first * outputs]!;
    for (let j = i; j < allowed.length && allowed[j]! < first + LONGEST_SPAN_TOKENS; j += 1) {
      if (j > i && breaks.has(allowed[j]!)) break;
      const sum = start + logits[allowed[j]! * outputs + 1]!;
      if (sum > best) [best, tokens] = [sum, [first, allowed[j]!]];
    }
  }
  return { tokens, score: best - none };
}
