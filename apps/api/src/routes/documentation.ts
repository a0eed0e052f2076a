/** The API describes itself: the document is made from the route table, so it cannot forget a route. */
import { openApiDocument, type OpenApiDocument } from "../openapi.ts";
import { DOCS_STYLE, docsPage } from "../docs-page.ts";
import { defineRoute, type Route } from "../route.ts";
import { z } from "zod";

export function documentationRoutes(others: readonly Route[]): readonly Route[] {
  let made: OpenApiDocument | null = null;
  /** Made once: turning every schema into JSON Schema takes tens of milliseconds. */
  const documentOf = (version: string): OpenApiDocument => (made ??= openApiDocument([...others, ...own], version));
  const own: readonly Route[] = [
    defineRoute({
      method: "get",
      path: "/api/v1/openapi.json",
      access: "public",
      summary: "This API as OpenAPI 3.1.",
      reply: { status: 200, schema: z.looseObject({ openapi: z.string() }) },
      handle: async ({ platform }) => documentOf(platform.version),
    }),
    defineRoute({
      method: "get",
      path: "/api/docs",
      access: "public",
      summary: "This API as a page.",
      reply: { status: 200, mediaType: "text/html" },
      handle: async ({ platform, response }) => {
        response.type("html").send(docsPage(documentOf(platform.version)));
      },
    }),
    defineRoute({
      method: "get",
      path: "/api/docs.css",
      access: "public",
      summary: "The page's style.",
      reply: { status: 200, mediaType: "text/css" },
      handle: async ({ response }) => {
        response.type("css").send(DOCS_STYLE);
      },
    }),
  ];
  return own;
}
