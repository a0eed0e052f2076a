/** What searches could be narrowed down by: the counts beside the filters of search and chat. */
import { AppError, facetsQuerySchema, facetsSchema, filterSchema } from "@lorekeep/core";
import type { SearchFilter } from "@lorekeep/core";
import { parseInput } from "../parse-input.ts";
import { defineRoute } from "../route.ts";

/** Throws request_invalid. */
function readFilter(text: string | undefined): SearchFilter {
  if (text === undefined) return {};
  try {
    return parseInput(filterSchema, JSON.parse(text), "filter");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AppError("request_invalid", "filter must be a search filter as JSON.");
  }
}

export const facetRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/documents/facets",
    access: ["search", "chat"],
    summary: "Counts by tag, folder, language, format, date and metadata of the documents that a filter admits.",
    query: facetsQuerySchema,
    reply: { status: 200, schema: facetsSchema },
    handle: async ({ platform, actor, query }) => {
      const filter = readFilter(query.filter);
      const names = query.collections?.split(",").filter((name) => name !== "");
      const collections = await platform.library.resolveCollections(actor, names);
      const generationIds = collections.map(({ generationId }) => generationId);
      return platform.store.passages.facets(generationIds, filter, query.timeZone);
    },
  }),
];
