/**
 * Which page of the parsed text holds an offset, when the document is too long to read from its beginning.
 * A guess by mean page length, then bisection: a few requests for one page each.
 */
import type { DocumentTextResponse } from "@lorekeep/core";

export type ReadPages = (from: number, limit: number) => Promise<DocumentTextResponse>;
const FIRST_LOOK = 20;
const MAX_REQUESTS = 24;

/** The ordinal of the page with `offset`; 0 when there is none. `hint` is the ordinal to look at first. */
export async function locatePage(read: ReadPages, offset: number, hint = 0): Promise<number> {
  let low = 0;
  let high: number | null = null;
  let from = Math.max(0, hint - 1);
  for (let request = 0; request < MAX_REQUESTS; request++) {
    const { pages, nextFrom } = await read(from, request === 0 ? FIRST_LOOK : 2);
    const first = pages[0];
    const last = pages.at(-1);
    if (first === undefined || last === undefined) {
      // Past the end.
      high = from;
    } else if (offset < first.start) {
      high = first.ordinal;
    } else if (offset >= last.start + last.text.length && nextFrom !== null) {
      low = nextFrom;
      if (high === null) {
        const meanLength = Math.max(1, (last.start + last.text.length) / (last.ordinal + 1));
        from = Math.max(low, Math.floor(offset / meanLength));
        continue;
      }
    } else {
      return pages.findLast((page) => page.start <= offset)?.ordinal ?? 0;
    }
    if (high <= low) return Math.max(0, Math.min(low, high));
    from = Math.floor((low + high) / 2);
  }
  return low;
}
