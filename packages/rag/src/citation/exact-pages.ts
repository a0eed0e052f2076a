/**
 * A citation's page is where its quote begins. A chunk knows the page on which it begins, and may run over to the next one (F3): so
 * quotes from further inside it are looked up in the parsed pages, which are read only for documents that have pages.
 */
import type { Citation, Passages } from "@lorekeep/core";

/** A chunk is a few hundred words: its quotes begin on one of so many pages. */
const PAGES_OF_A_CHUNK = 3;

/** The same citations; a page that cannot be told stays that of the chunk. */
export function withExactPages(
  citations: readonly Citation[],
  passages: Partial<Pick<Passages, "readPages">>,
): Promise<readonly Citation[]> {
  return Promise.all(
    citations.map(async (citation) => {
      if (citation.page === null || passages.readPages === undefined) return citation;
      const range = { from: citation.page - 1, limit: PAGES_OF_A_CHUNK };
      const pages = await passages.readPages(citation.documentId, range);
      const page = pages.findLast(({ start }) => start <= citation.span[0])?.page ?? citation.page;
      return page === citation.page ? citation : { ...citation, page };
    }),
  );
}
