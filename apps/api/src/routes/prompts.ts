/** The versions of the answering prompt, to choose from and to try. */
import { promptListSchema } from "@lorekeep/core";
import { defineRoute } from "../route.ts";

export const promptRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/prompts",
    access: ["admin"],
    summary: "Versions of the answering prompt with their instructions. A collection chooses one by retrieval.prompt.",
    reply: { status: 200, schema: promptListSchema },
    handle: ({ platform, actor }) => platform.adaptation.prompts(actor),
  }),
];
