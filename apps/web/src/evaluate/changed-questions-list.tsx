import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFigureText } from "../adapt/use-figure-text.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { byChange, type Pair, type QuestionChange } from "./changed-questions.ts";
import { AnswerAndPassages } from "./question-list.tsx";

const TONES: Record<QuestionChange, Tone> = {
  "now-wrong": "danger",
  "now-right": "good",
  worse: "warn",
  better: "good",
  reworded: "neutral",
  retrieval: "neutral",
};
const AT_ONCE = 20;

/** Side by side, what changed first; the rest is only counted. */
export function ChangedQuestions({ pairs }: { pairs: readonly Pair[] }) {
  const { t } = useTranslation();
  const [count, setCount] = useState(AT_ONCE);
  const all = byChange(pairs);
  const changed = all.filter(({ change }) => change !== null);
  return (
    <>
      <p className="-mt-1 mb-3 text-sm text-muted">
        {t("evaluation.compare.changed", { count: changed.length, total: all.length })}
      </p>
      {changed.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-2xl border border-line bg-surface shadow-card">
          {changed.slice(0, count).map(({ pair, change }, index) => (
            <li key={`${pair.question}${index}`}>
              {change !== null && <ChangedQuestion pair={pair} change={change} open={index === 0} />}
            </li>
          ))}
        </ul>
      )}
      {changed.length > count && (
        <Button size="sm" className="mt-3" onClick={() => setCount(count + AT_ONCE)}>
          {t("common.more")}
        </Button>
      )}
    </>
  );
}

function ChangedQuestion({ pair, change, open }: { pair: Pair; change: QuestionChange; open: boolean }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const { before, after } = pair;
  return (
    <details className="group" open={open} data-testid="changed-question" data-change={change}>
      <summary className="flex list-none flex-wrap items-start gap-x-3 gap-y-1 px-5 py-3.5 text-sm hover:bg-ink/[0.025]">
        <ChevronRight
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-faint transition-transform group-open:rotate-90"
        />
        <span className="min-w-48 flex-1 break-words">{pair.question}</span>
        <Badge tone={TONES[change]}>{t(`evaluation.compare.changes.${change}`)}</Badge>
        <span className="w-28 shrink-0 text-end text-muted tabular-nums">
          F1 {figure.value(before.f1, "share")} → {figure.value(after.f1, "share")}
        </span>
      </summary>
      <div className="px-5 pb-5 sm:ps-12">
        <p className="mb-3 text-sm break-words">
          <span className="text-muted">
            {t("evaluation.expected")}
            {t("common.colon")}
          </span>
          {after.expected ?? t("adapt.examples.refuses")}
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          {([before, after] as const).map((item, index) => (
            <div key={index} className="min-w-0 rounded-lg bg-sunk px-4 py-3">
              <p className="mb-2 text-[13px] font-medium">
                {t(`evaluation.compare.columns.${index === 0 ? "before" : "after"}`)}
              </p>
              <AnswerAndPassages item={item} hideExpected />
            </div>
          ))}
        </div>
      </div>
    </details>
  );
}
