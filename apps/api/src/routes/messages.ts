import {
  attributionSchema,
  feedbackSchema,
  moreRequestSchema,
  moreResponseSchema,
  stopResponseSchema,
} from "@lorekeep/core";
import { notFound, requireId } from "../ids.ts";
import { defineRoute } from "../route.ts";
import { describeMessage } from "./conversations.ts";

export const messageRoutes = [
  defineRoute({
    method: "post",
    path: "/api/v1/messages/{id}/feedback",
    access: ["chat"],
    summary: "Rates an answer, with a correction or a reason.",
    body: feedbackSchema,
    reply: { status: 204 },
    handle: async ({ platform, actor, params, body }) => {
      const id = requireId("message", params.id);
      const feedback = { rating: body.rating, correction: body.correction ?? null, reason: body.reason ?? null };
      if (!(await platform.store.conversations.setFeedback(id, actor.id, feedback))) throw notFound("message");
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/messages/{id}:stop",
    access: ["chat"],
    summary: "Stops an answer that is being written; what is there stays.",
    reply: { status: 200, schema: stopResponseSchema },
    handle: async ({ platform, actor, params }) => {
      const id = requireId("message", params.id);
      if ((await platform.store.conversations.getMessage(id, actor.id)) === null) throw notFound("message");
      return { stopped: await platform.assistant.stop(actor, id) };
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/messages/{id}:more",
    access: ["chat"],
    summary:
      "Adds the next sentences on the same question to a stored answer, each cited; `added` is 0 when there are none.",
    body: moreRequestSchema,
    bodyOptional: true,
    reply: { status: 200, schema: moreResponseSchema },
    handle: async ({ platform, actor, params, body, signal }) => {
      const id = requireId("message", params.id);
      const { message, added } = await platform.assistant.more(actor, id, { ...body, signal });
      return { message: describeMessage(message), added };
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/v1/messages/{id}:attribute",
    access: ["chat"],
    summary:
      "Judges each sentence of a stored answer again without each passage, and says which passage it depends on.",
    reply: { status: 200, schema: attributionSchema },
    handle: async ({ platform, actor, params, signal }) => {
      const id = requireId("message", params.id);
      return { sentences: await platform.assistant.attribute(actor, id, signal) };
    },
  }),
];
