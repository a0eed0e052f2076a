import { useContext } from "react";
import { useTranslation } from "react-i18next";
import { AnswerContext } from "./answer-context.ts";
import { sourcesOf } from "./answer-state.ts";

/** The short list under an answer: one line a source, its best quote, a click to see it in place. */
export function Sources() {
  const { t } = useTranslation();
  const { answer, openCitation } = useContext(AnswerContext);
  const sources = sourcesOf(answer.citations);
  if (sources.length === 0) return null;
  return (
    <div className="mt-5">
      <p aria-hidden className="mb-1.5 text-xs font-semibold tracking-wide text-faint uppercase">
        {t("chat.sources")}
      </p>
      <ol
        aria-label={t("chat.sources")}
        className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface shadow-card"
      >
        {sources.map((source) => (
          <li key={source.marker}>
            <button
              type="button"
              data-testid="source"
              onClick={() => openCitation(source)}
              className="flex w-full items-baseline gap-3 px-3.5 py-2.5 text-start text-sm hover:bg-ink/[0.03]"
            >
              <span className="min-w-5 text-[13px] font-semibold text-accent tabular-nums">{source.marker}</span>
              <span className="min-w-0 flex-1">
                <span className="font-medium break-words">{source.documentName}</span>
                {source.page !== null && (
                  <span className="text-muted"> · {t("source.page", { page: source.page })}</span>
                )}
                <span className="line-clamp-1 font-serif text-muted italic">{source.quote}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}
