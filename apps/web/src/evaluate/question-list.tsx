/** The questions of a run, the worst first; each unfolds to what was expected, answered and found. */
import type { EvaluationItem } from "@lorekeep/core";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFigureText } from "../adapt/use-figure-text.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Segmented } from "../ui/segmented.tsx";

const SHOWS = ["all", "wrong", "refused"] as const;
const AT_ONCE = 25;
const WRONG = 0.5;

/** Right = answered as expected, or refused where nothing was to be answered. */
export const isWrong = (item: EvaluationItem) =>
  item.expected === null ? !item.refused : item.refused || item.f1 < WRONG;

export function QuestionList({ items }: { items: readonly EvaluationItem[] }) {
  const { t } = useTranslation();
  const [show, setShow] = useState<(typeof SHOWS)[number]>("all");
  const [count, setCount] = useState(AT_ONCE);
  const shown = items
    .filter((item) => show === "all" || (show === "wrong" ? isWrong(item) : item.refused))
    .toSorted((a, b) => Number(isWrong(b)) - Number(isWrong(a)) || a.f1 - b.f1);
  return (
    <>
      <div className="mb-3">
        <Segmented
          label={t("evaluation.show.title")}
          value={show}
          onChange={(value) => {
            setShow(value);
            setCount(AT_ONCE);
          }}
          segments={SHOWS.map((value) => ({ value, label: t(`evaluation.show.${value}`) }))}
        />
      </div>
      {shown.length === 0 ? (
        <p className="text-muted">{t("evaluation.show.none")}</p>
      ) : (
        <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
          {shown.slice(0, count).map((item, index) => (
            <li key={`${item.question}${index}`}>
              <Question item={item} />
            </li>
          ))}
        </ul>
      )}
      {shown.length > count && (
        <Button size="sm" className="mt-3" onClick={() => setCount(count + AT_ONCE)}>
          {t("common.more")}
        </Button>
      )}
    </>
  );
}

function Question({ item }: { item: EvaluationItem }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  return (
    <details className="group" data-testid="question-result" data-wrong={isWrong(item)}>
      <summary className="flex list-none items-start gap-3 px-5 py-3.5 text-sm hover:bg-ink/[0.025]">
        <ChevronRight
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-faint transition-transform group-open:rotate-90"
        />
        <span className="min-w-0 flex-1 break-words">{item.question}</span>
        {item.refused && <Badge tone={item.expected === null ? "good" : "warn"}>{t("adapt.compare.refused")}</Badge>}
        <span className="w-16 shrink-0 text-end text-muted tabular-nums">F1 {figure.value(item.f1, "share")}</span>
      </summary>
      <div className="px-5 pb-5 sm:ps-12">
        <AnswerAndPassages item={item} />
      </div>
    </details>
  );
}

/** Also one half of a comparison. */
export function AnswerAndPassages({ item, hideExpected = false }: { item: EvaluationItem; hideExpected?: boolean }) {
  const { t } = useTranslation();
  return (
    <dl className="flex flex-col gap-3 text-sm">
      {!hideExpected && (
        <div>
          <dt className="text-[13px] text-muted">{t("evaluation.expected")}</dt>
          <dd className="break-words">{item.expected ?? t("adapt.examples.refuses")}</dd>
        </div>
      )}
      <div>
        <dt className="text-[13px] text-muted">{t("evaluation.answered")}</dt>
        <dd className="font-serif leading-relaxed break-words whitespace-pre-wrap">
          {item.answer === "" ? "–" : item.answer}
        </dd>
      </div>
      <div>
        <dt className="text-[13px] text-muted">{t("evaluation.found")}</dt>
        <dd>
          {item.retrieved.length === 0 ? (
            "–"
          ) : (
            <ol className="flex flex-col">
              {item.retrieved.map((passage, index) => (
                <li key={`${passage.chunkId}${index}`} className="flex items-baseline gap-2.5 py-0.5">
                  <span className="w-4 shrink-0 text-end text-[13px] text-faint tabular-nums">{index + 1}</span>
                  <Found passage={passage} />
                  {passage.gold && <Badge tone="good">{t("evaluation.gold")}</Badge>}
                </li>
              ))}
            </ol>
          )}
        </dd>
      </div>
    </dl>
  );
}

/** Its document, and how it begins for those who want to see why. */
function Found({ passage }: { passage: EvaluationItem["retrieved"][number] }) {
  if (passage.text === undefined) return <span className="min-w-0 break-words">{passage.documentName}</span>;
  return (
    <details className="min-w-0">
      <summary className="break-words hover:text-accent">{passage.documentName}</summary>
      <p className="mt-1 mb-1.5 border-s-2 border-line ps-3 text-[13px] break-words whitespace-pre-wrap text-muted">
        {passage.text}
      </p>
    </details>
  );
}
