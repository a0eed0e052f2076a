/** Conversations belong to whoever began them: nobody else's exists for a caller. */
import {
  conversationDetailSchema,
  conversationListSchema,
  conversationSchema,
  pageQuerySchema,
  renameConversationSchema,
  type Conversation,
  type Message,
  type Passage,
} from "@lorekeep/core";
import type { Actor, Platform } from "@lorekeep/platform";
import { notFound, requireId } from "../ids.ts";
import { defineRoute } from "../route.ts";

const describePassage = (passage: Passage) => ({ ...passage, score: passage.scores.fused });
export const describeMessage = (message: Message) => ({ ...message, passages: message.passages.map(describePassage) });

async function findConversation(platform: Platform, actor: Actor, id: string): Promise<Conversation> {
  const conversation = await platform.store.conversations.get(requireId("conversation", id), actor.id);
  if (conversation === null) throw notFound("conversation");
  return conversation;
}

export const conversationRoutes = [
  defineRoute({
    method: "get",
    path: "/api/v1/conversations",
    access: ["chat"],
    summary: "The caller's conversations, the last used first.",
    query: pageQuerySchema,
    reply: { status: 200, schema: conversationListSchema },
    handle: ({ platform, actor, query }) => platform.store.conversations.list(actor.id, query),
  }),
  defineRoute({
    method: "get",
    path: "/api/v1/conversations/{id}",
    access: ["chat"],
    summary: "A conversation with its messages, citations and traces.",
    reply: { status: 200, schema: conversationDetailSchema },
    handle: async ({ platform, actor, params }) => {
      const conversation = await findConversation(platform, actor, params.id);
      const messages = await platform.store.conversations.messages(conversation.id);
      return { ...conversation, messages: messages.map(describeMessage) };
    },
  }),
  defineRoute({
    method: "patch",
    path: "/api/v1/conversations/{id}",
    access: ["chat"],
    summary: "Gives a conversation another title.",
    body: renameConversationSchema,
    reply: { status: 200, schema: conversationSchema },
    handle: async ({ platform, actor, params, body }) => {
      const { id } = await findConversation(platform, actor, params.id);
      await platform.store.conversations.rename(id, actor.id, body.title);
      return findConversation(platform, actor, id);
    },
  }),
  defineRoute({
    method: "delete",
    path: "/api/v1/conversations/{id}",
    access: ["chat"],
    summary: "Deletes a conversation.",
    reply: { status: 204 },
    handle: async ({ platform, actor, params }) => {
      const id = requireId("conversation", params.id);
      if (!(await platform.assistant.deleteConversation(actor, id))) throw notFound("conversation");
    },
  }),
];
