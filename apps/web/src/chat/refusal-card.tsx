/** Nothing supports an answer: says so plainly, says what was searched, and offers a way on. */
import { SUGGESTED_REFUSALS } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { ArrowUpRight, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button.tsx";
import type { AnswerState } from "./answer-state.ts";
import { topicQuestion } from "./topic-question.ts";

export function RefusalCard({ answer, onAsk }: { answer: AnswerState; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  const { refusal } = answer;
  if (refusal === null) return null;
  const reason = SUGGESTED_REFUSALS.find((known) => known === refusal.reason) ?? "not_supported";
  return (
    <div
      data-testid="refusal"
      data-reason={reason}
      className="rounded-2xl border border-line bg-surface p-5 shadow-card"
    >
      <p className="flex items-center gap-2.5 font-serif text-lg font-semibold">
        <SearchX aria-hidden className="size-5 shrink-0 text-warn" />
        {t(`chat.refusal.${reason}.title`)}
      </p>
      <p className="mt-2 text-muted" data-testid="refusal-text">
        {answer.text}
      </p>
      <p className="mt-1 text-sm text-muted">{t(`chat.refusal.${reason}.hint`)}</p>
      {reason === "no_documents" && (
        <Link to="/admin/documents" className={`mt-4 ${buttonClass("primary")}`}>
          {t("chat.addDocuments")}
        </Link>
      )}
      {refusal.suggestions.length > 0 && (
        <div className="mt-4">
          {reason !== "which_document" && <p className="mb-2 text-sm font-medium">{t("chat.refusal.try")}</p>}
          <Suggestions
            questions={refusal.suggestions}
            onAsk={(topic) => onAsk(topicQuestion(topic, refusal.reason, t))}
          />
        </div>
      )}
    </div>
  );
}

/** Questions that one click asks. */
export function Suggestions({ questions, onAsk }: { questions: readonly string[]; onAsk: (question: string) => void }) {
  return (
    <ul className="flex flex-col gap-2">
      {questions.map((question) => (
        <li key={question}>
          <button
            type="button"
            data-testid="suggestion"
            onClick={() => onAsk(question)}
            className="group flex w-full items-center justify-between gap-3 rounded-xl border border-line bg-surface px-4 py-3 text-start text-sm transition-colors hover:border-accent"
          >
            {question}
            <ArrowUpRight aria-hidden className="size-4 shrink-0 text-faint group-hover:text-accent" />
          </button>
        </li>
      ))}
    </ul>
  );
}
