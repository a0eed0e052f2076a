/**
 * A citation's page is where its quote begins. A chunk knows the page on which it begins, and may run over to the next one (F3): so
 * quotes from further inside it are looked up in the parsed pages, which are read only for documents that have pages.
 */
import type { Citation, Passages } from "@lorekeep/core";

/** Pages read at once: most quotes begin on their passage's first page or on the next. */
const STEP = 2;
/** A passage of merged neighbours never runs over more pages than this. */
const MOST_PAGES = 12;

/** The same citations; a page that cannot be told stays that of the passage. */
export function withExactPages(
  citations: readonly Citation[],
  passages: Partial<Pick<Passages, "readPages">>,
): Promise<readonly Citation[]> {
  const { readPages } = passages;
  if (readPages === undefined) return Promise.resolve(citations);
  return Promise.all(
    citations.map(async (citation) => {
      if (citation.page === null) return citation;
      const page = await findPage(readPages.bind(passages), citation, citation.page);
      return page === citation.page ? citation : { ...citation, page };
    }),
  );
}

async function findPage(
  readPages: Passages["readPages"],
  { documentId, span }: Citation,
  firstPage: number,
): Promise<number> {
  let found = firstPage;
  for (let from = firstPage - 1; from < firstPage - 1 + MOST_PAGES; from += STEP) {
    const pages = await readPages(documentId, { from, limit: STEP });
    found = pages.findLast(({ start }) => start <= span[0])?.page ?? found;
    const last = pages.at(-1);
    if (last === undefined || span[0] < last.start + last.text.length) break;
  }
  return found;
}
