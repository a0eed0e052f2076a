/** A conversation, new or old, with the side pane beside it. */
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SidePane } from "../source/side-pane.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Skeleton, usePageTitle } from "../ui/page.tsx";
import { Composer } from "./composer.tsx";
import { MessageList } from "./message-list.tsx";
import { useChat } from "./use-chat.ts";
import { Welcome } from "./welcome.tsx";

export function ChatPage() {
  const { conversationId } = useParams({ strict: false });
  return <Conversation conversationId={conversationId} />;
}

function Conversation({ conversationId }: { conversationId: string | undefined }) {
  const { t } = useTranslation();
  const chat = useChat(conversationId);
  usePageTitle(chat.title ?? t("chat.new"));
  return (
    <div className="flex h-full min-h-0">
      <div className="flex min-w-0 flex-1 flex-col">
        <div data-scroller className="min-h-0 flex-1 overflow-y-auto">
          <div className="mx-auto w-full max-w-3xl px-4 sm:px-8">
            {chat.title !== null && <h1 className="sr-only">{chat.title}</h1>}
            {chat.error !== null && chat.turns.length === 0 ? (
              <div className="pt-10">
                <ErrorNote error={chat.error} onRetry={chat.reload} />
              </div>
            ) : chat.loading ? (
              <Skeleton label={t("common.loading")} />
            ) : chat.turns.length === 0 ? (
              <Welcome onAsk={chat.ask} />
            ) : (
              <MessageList
                key={conversationId}
                turns={chat.turns}
                live={chat.live}
                answering={chat.answering}
                onRegenerate={chat.regenerate}
                onAsk={chat.ask}
              />
            )}
          </div>
        </div>
        <div className="mx-auto w-full max-w-3xl px-3 pb-3 sm:px-8 sm:pb-5">
          <Composer
            busy={chat.answering}
            collections={chat.collections}
            onCollections={chat.setCollections}
            onAsk={chat.ask}
            onStop={chat.stop}
          />
          <p className="mt-2 text-center text-xs text-faint max-sm:hidden">{t("chat.footnote")}</p>
        </div>
      </div>
      <SidePane answers={chat.turns.flatMap((turn) => (turn.answer === null ? [] : [turn.answer]))} />
    </div>
  );
}
