/** Everything a chat page does with its conversation: turns, asking, stopping, asking again, chosen collections. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useCollections, useConversation } from "../queries.ts";
import { recallList, remember } from "../remember.ts";
import { chatFilterOf, moveChatFilter, setChatFilter, useChatFilter } from "./chat-filter.ts";
import { ask, NEW, stop, useLiveTurns, type AskRequest } from "./live-answers.ts";
import { turnsOf } from "./thread.ts";

export function useChat(conversationId: string | undefined) {
  const key = conversationId ?? NEW;
  const conversation = useConversation(conversationId);
  const lives = useLiveTurns(key);
  const live = lives.at(-1)?.answer ?? null;
  const turns = turnsOf(conversation.data?.messages ?? [], lives);
  const start = useAsk();
  const [picked, setPicked] = useState<{ key: string; ids: readonly string[] } | null>(null);
  const existing = useCollections().data;
  const chosen = picked?.key === key ? picked.ids : (conversation.data?.collectionIds ?? recallList("collections"));
  // A collection may have been deleted since it was chosen; choosing all is choosing none in particular.
  const left = chosen.filter((id) => existing?.some((collection) => collection.id === id) ?? true);
  const collections = left.length === existing?.length ? [] : left;

  const filter = useChatFilter(key);
  const answering = live !== null && live.phase !== "done" && live.phase !== "failed";
  const send = (question: string, replaces: string | null) =>
    start({ conversationId, question, collections, filter: chatFilterOf(key), replaces });
  return {
    turns,
    live,
    title: conversation.data?.title ?? null,
    loading: conversationId !== undefined && conversation.isPending && live === null,
    error: conversation.error,
    reload: () => void conversation.refetch(),
    answering,
    collections,
    setCollections: (ids: readonly string[]) => {
      setPicked({ key, ids });
      remember("collections", JSON.stringify(ids));
    },
    filter,
    setFilter: (next: typeof filter) => setChatFilter(key, next),
    ask: (question: string) => send(question, null),
    regenerate: () => {
      const last = turns.at(-1);
      // An answer that never reached the server has nothing to replace there.
      if (last) send(last.question, conversationId === undefined ? null : (last.answer?.messageId ?? null));
    },
    stop: () => stop(key),
  };
}

export function useAsk() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  return (request: AskRequest) =>
    void ask(request, {
      onConversation: (id) => {
        void queries.invalidateQueries({ queryKey: ["conversations"] });
        // A summary of one document was asked without the filter: what is set for the next question stays there.
        if (request.filter !== undefined) moveChatFilter(request.conversationId ?? NEW, id);
        // Only from the page that asked: the reader may have gone elsewhere meanwhile.
        if (router.state.location.pathname === "/" || router.state.location.pathname === "/welcome")
          void navigate({ to: "/c/$conversationId", params: { conversationId: id }, replace: true });
      },
      onEnd: (id) => {
        void queries.invalidateQueries({ queryKey: ["conversations"] });
        if (id !== null) void queries.invalidateQueries({ queryKey: ["conversation", id] });
      },
    });
}
