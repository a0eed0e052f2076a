import { searchRequestSchema, searchResponseSchema } from "@lorekeep/core";
import { defineRoute } from "../route.ts";

export const searchRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/search",
    access: ["search"],
    summary: "Passages for a query: by meaning, by words, or both.",
    body: searchRequestSchema,
    reply: { status: 200, schema: searchResponseSchema },
    handle: ({ platform, actor, body }) => platform.assistant.search(actor, body),
  }),
];
