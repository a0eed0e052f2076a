/** More of an answer in its place: the next sentences on the same question, until there are none. Asks no new question. */
import { useParams } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMore } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { codeText } from "../ui/error-text.ts";
import { ClientError } from "@lorekeep/client";
import type { AnswerState } from "./answer-state.ts";
import { chatFilterOf } from "./chat-filter.ts";
import { NEW } from "./live-answers.ts";

export function ShowMore({ answer }: { answer: AnswerState }) {
  const { t } = useTranslation();
  const more = useMore();
  const { conversationId } = useParams({ strict: false });
  if (answer.messageId === null) return null;
  const said = more.data?.added === 0 ? t("chat.noMore") : more.isError ? problemOf(more.error, t) : null;
  return (
    <div className="mt-3 -ml-2 flex flex-wrap items-center gap-2" aria-live="polite">
      {more.data?.added !== 0 && (
        <Button
          size="sm"
          weight="ghost"
          icon={ChevronDown}
          disabled={more.isPending}
          onClick={() => more.mutate({ id: answer.messageId!, filter: chatFilterOf(conversationId ?? NEW) })}
        >
          {more.isPending ? t("common.loading") : t("chat.showMore")}
        </Button>
      )}
      {said !== null && (
        <p data-testid="no-more" className="ml-2 text-sm text-muted">
          {said}
        </p>
      )}
    </div>
  );
}

const problemOf = (error: Error, t: Parameters<typeof codeText>[1]) =>
  error instanceof ClientError ? codeText(error.code, t) : t("errors.unreachable");
