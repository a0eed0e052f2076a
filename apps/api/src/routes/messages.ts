import { feedbackSchema, stopResponseSchema } from "@lorekeep/core";
import { notFound, requireId } from "../ids.ts";
import { defineRoute } from "../route.ts";

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
];
