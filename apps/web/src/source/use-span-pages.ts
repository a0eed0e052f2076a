/** The parsed pages that a span touches, found without reading the document from its beginning. */
import { useQuery } from "@tanstack/react-query";
import { documentText } from "../queries.ts";
import type { SourcePage, Span } from "./highlight.ts";
import { locatePage } from "./locate.ts";

/** A passage is a few hundred words: it never spans more parsed pages than this. */
const SPAN_PAGES = 4;

export interface SpanPages {
  readonly ordinal: number;
  readonly pages: readonly SourcePage[];
}

export function useSpanPages(documentId: string, span: Span | null, page: number | null) {
  return useQuery({
    queryKey: ["span-pages", documentId, span?.[0] ?? null, span?.[1] ?? null, page],
    queryFn: async ({ signal }): Promise<SpanPages> => {
      if (span === null) return { ordinal: Math.max(0, (page ?? 1) - 1), pages: [] };
      const read = (from: number, limit: number) => documentText(documentId, from, limit, signal);
      const ordinal = await locatePage(read, span[0], (page ?? 1) - 1);
      const { pages } = await read(ordinal, SPAN_PAGES);
      return { ordinal, pages: pages.filter((item) => item.start < span[1]) };
    },
    staleTime: Infinity,
  });
}
