/** One answer: how the question was understood, the text, its sources, and what one can do with it. */
import { BookOpenText, FileX2, ListTree, Quote, RefreshCw } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { usePane } from "../source/pane-state.ts";
import { Badge } from "../ui/badge.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { codeText } from "../ui/error-text.ts";
import { AdapterUsed } from "./adapter-used.tsx";
import { AnswerContext } from "./answer-context.ts";
import { answerAsText, knownMarkers, type AnswerState } from "./answer-state.ts";
import { AnswerText } from "./answer-text.tsx";
import { CertaintyNote } from "./certainty-note.tsx";
import { Feedback } from "./feedback.tsx";
import { RefusalCard } from "./refusal-card.tsx";
import { findWhole, sentenceAround } from "./short-answer.ts";
import { ShowMore } from "./show-more.tsx";
import { Sources } from "./sources.tsx";
import type { Turn } from "./thread.ts";

interface AnswerProps {
  turn: Turn & { answer: AnswerState };
  /** Only the last answer can be asked for again. */
  onRegenerate: (() => void) | null;
  onAsk: (question: string) => void;
}

export function Answer({ turn, onRegenerate, onAsk }: AnswerProps) {
  const { t } = useTranslation();
  const pane = usePane();
  const { answer } = turn;
  const writing = answer.phase === "searching" || answer.phase === "writing";
  const known = useMemo(() => knownMarkers(answer), [answer]);
  const context = {
    answer,
    openCitation: (citation: AnswerState["citations"][number]) => pane.openSource(citation, answer.messageId),
  };
  return (
    <AnswerContext value={context}>
      <article aria-label={t("chat.answer")} aria-busy={writing} data-testid="answer" data-phase={answer.phase}>
        {answer.condensed !== null && answer.condensed !== turn.question && (
          <p className="mb-3 text-[13px] text-muted" data-testid="condensed">
            {t("chat.understoodAs")} <span className="text-ink italic">{answer.condensed}</span>
          </p>
        )}
        {answer.extractive && answer.refusal === null && (
          <p className="mb-2.5 flex flex-wrap gap-2" data-testid="extractive">
            <Badge tone="accent">
              <Quote aria-hidden className="size-3" />
              {t("chat.extractive")}
            </Badge>
            <CertaintyNote answer={answer} />
          </p>
        )}
        {answer.refusal !== null ? (
          <RefusalCard answer={answer} onAsk={onAsk} />
        ) : (
          <>
            <ShortAnswerLine answer={answer} />
            {answer.text !== "" && (
              <AnswerText
                text={answer.text}
                known={known}
                streaming={writing}
                shortAnswer={answer.shortAnswer?.text ?? null}
              />
            )}
          </>
        )}
        {answer.forgotten && <Forgotten />}
        {answer.refusal === null && answer.text === "" && writing && <Thinking phase={answer.phase} />}
        {answer.error !== null && <AnswerFailed answer={answer} onRegenerate={onRegenerate} />}
        {answer.stopped && <p className="mt-3 text-sm text-muted">{t("chat.stopped")}</p>}
        {answer.phase === "done" && answer.refusal === null && answer.citations.length > 0 && (
          <ShowMore answer={answer} />
        )}
        <Sources />
        {!writing && <Actions turn={turn} onRegenerate={onRegenerate} />}
      </article>
    </AnswerContext>
  );
}

/** When the text does not say the short answer itself: the sentence of its passage, with the answer marked. */
function ShortAnswerLine({ answer }: { answer: AnswerState }) {
  const { t } = useTranslation();
  if (answer.shortAnswer === null || findWhole(answer.text, answer.shortAnswer.text) !== -1) return null;
  const sentence = sentenceAround(answer.shortAnswer, answer.passages);
  if (sentence === null) return null;
  return (
    <p
      data-testid="short-answer"
      className="mb-4 border-s-2 border-mark-line ps-4 font-serif text-[1.05rem] leading-relaxed"
    >
      <span className="sr-only">{t("chat.shortAnswer")} </span>
      {sentence.before}
      <mark>{sentence.marked}</mark>
      {sentence.after}
    </p>
  );
}

/** The answer was quoted from documents that were deleted since, so its text is gone too. */
function Forgotten() {
  const { t } = useTranslation();
  return (
    <p data-testid="forgotten" className="flex items-start gap-2.5 text-muted">
      <FileX2 aria-hidden className="mt-1 size-4 shrink-0" />
      {t("chat.sourcesDeleted")}
    </p>
  );
}

function Thinking({ phase }: { phase: AnswerState["phase"] }) {
  const { t } = useTranslation();
  return (
    <p className="flex items-center gap-2.5 text-muted">
      <span aria-hidden className="flex gap-1">
        {["", "[animation-delay:.15s]", "[animation-delay:.3s]"].map((delay) => (
          <span key={delay} className={`size-1.5 animate-pulse rounded-full bg-accent ${delay}`} />
        ))}
      </span>
      {phase === "searching" ? t("chat.searching") : t("chat.reading")}
    </p>
  );
}

function AnswerFailed({ answer, onRegenerate }: { answer: AnswerState; onRegenerate: (() => void) | null }) {
  const { t } = useTranslation();
  const { code, detail } = answer.error!;
  return (
    <div role="alert" className="mt-3 rounded-xl bg-danger-soft p-4 text-sm">
      <p className="font-medium text-danger">{code === "unreachable" ? t("errors.unreachable") : codeText(code, t)}</p>
      {detail !== "" && <p className="mt-1 break-words text-ink">{detail}</p>}
      {onRegenerate && (
        <Button size="sm" icon={RefreshCw} className="mt-3" onClick={onRegenerate}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

function Actions({ turn, onRegenerate }: { turn: AnswerProps["turn"]; onRegenerate: (() => void) | null }) {
  const { t } = useTranslation();
  const pane = usePane();
  const { answer } = turn;
  const message = answer.messageId ?? undefined;
  const words = { sources: t("chat.sources"), page: (page: number) => t("source.page", { page }) };
  return (
    <div className="mt-3 -ml-2 flex flex-wrap items-center gap-0.5">
      {answer.text !== "" && <CopyButton iconOnly label={t("chat.copy")} text={() => answerAsText(answer, words)} />}
      {onRegenerate && <IconButton small icon={RefreshCw} label={t("chat.regenerate")} onClick={onRegenerate} />}
      {message !== undefined && answer.phase === "done" && !answer.forgotten && (
        <Feedback messageId={message} given={turn.feedback} />
      )}
      {answer.passages.length > 0 && (
        <Button size="sm" weight="ghost" icon={BookOpenText} onClick={() => pane.show({ pane: "passages", message })}>
          {t("chat.passages", { count: answer.passages.length })}
        </Button>
      )}
      {answer.trace.length > 0 && (
        <Button size="sm" weight="ghost" icon={ListTree} onClick={() => pane.show({ pane: "trace", message })}>
          {t("chat.howMade")}
        </Button>
      )}
      {answer.adapter !== null && !answer.extractive && answer.refusal === null && <AdapterUsed id={answer.adapter} />}
    </div>
  );
}
