/** A conversation, new or old, with the side pane beside it. */
import { useParams } from "@tanstack/react-router";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { SidePane } from "../source/side-pane.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Skeleton, usePageTitle } from "../ui/page.tsx";
import { Announcer } from "./announcer.tsx";
import { Composer } from "./composer.tsx";
import { MessageList } from "./message-list.tsx";
import { useChat } from "./use-chat.ts";
import { FirstSteps, Welcome } from "./welcome.tsx";

const COLUMN = "mx-auto w-full max-w-3xl px-4 sm:px-8";

export function ChatPage() {
  const { conversationId } = useParams({ strict: false });
  return <Conversation conversationId={conversationId} />;
}

function Conversation({ conversationId }: { conversationId: string | undefined }) {
  const { t } = useTranslation();
  const chat = useChat(conversationId);
  usePageTitle(chat.title ?? t("chat.new"));
  const failed = chat.error !== null && chat.turns.length === 0;
  const empty = !failed && !chat.loading && chat.turns.length === 0;
  return (
    <div className="flex h-full min-h-0">
      <div className={clsx("flex min-w-0 flex-1 flex-col", empty && "justify-center overflow-y-auto pb-[8vh]")}>
        <div data-scroller className={empty ? "shrink-0" : "min-h-0 flex-1 overflow-y-auto"}>
          <div className={COLUMN}>
            {chat.title !== null && <h1 className="sr-only">{chat.title}</h1>}
            {failed && (
              <div className="pt-10">
                <ErrorNote error={chat.error} onRetry={chat.reload} />
              </div>
            )}
            {chat.loading && <Skeleton label={t("common.loading")} />}
            {empty && <Welcome />}
            {chat.turns.length > 0 && (
              <MessageList
                key={conversationId}
                turns={chat.turns}
                answering={chat.answering}
                onRegenerate={chat.regenerate}
                onAsk={chat.ask}
              />
            )}
          </div>
        </div>
        <Announcer live={chat.live} />
        <div className={clsx(COLUMN, "shrink-0 max-sm:px-3", !empty && "pb-3 sm:pb-5")}>
          <Composer
            busy={chat.answering}
            collections={chat.collections}
            onCollections={chat.setCollections}
            filter={chat.filter}
            onFilter={chat.setFilter}
            onAsk={chat.ask}
            onStop={chat.stop}
          />
          {empty ? (
            <FirstSteps onAsk={chat.ask} />
          ) : (
            <p className="mt-2 text-center text-xs text-faint max-sm:hidden">{t("chat.footnote")}</p>
          )}
        </div>
      </div>
      <SidePane answers={chat.turns.flatMap((turn) => (turn.answer === null ? [] : [turn.answer]))} />
    </div>
  );
}
