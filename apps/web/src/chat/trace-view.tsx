/** “How this answer was made”: each step with its time, what it found, each sentence with its evidence, and those that the check
 * removed. */
import { ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Duration } from "../ui/formatted.tsx";
import type { AnswerState, TraceStepResponse } from "./answer-state.ts";
import { detailLines, stepNames } from "./trace-detail.ts";
import { TraceSentences } from "./trace-sentences.tsx";

export function TraceView({ answer }: { answer: AnswerState }) {
  const { t } = useTranslation();
  const total = Math.max(1, ...answer.trace.map((step) => step.startMs + step.durationMs));
  return (
    <div>
      <p className="text-sm text-muted">
        {t("trace.total")} <Duration ms={total} />
        {answer.model !== null && (
          <>
            {" · "}
            {t("trace.writer")} <span className="text-ink">{answer.model}</span>
          </>
        )}
      </p>
      <ol className="mt-4 flex flex-col gap-4" aria-label={t("source.panes.trace")}>
        {answer.trace.map((step, index) => (
          <Step key={index} step={step} total={total} />
        ))}
      </ol>
      <TraceSentences answer={answer} />
      {answer.cutSentences.length > 0 && (
        <section className="mt-7">
          <h3 className="font-serif font-semibold">{t("trace.cutTitle")}</h3>
          <p className="mt-1 text-sm text-muted">{t("trace.cutBody")}</p>
          <ul className="mt-3 flex flex-col gap-2">
            {answer.cutSentences.map((sentence, index) => (
              <li key={index} className="rounded-lg bg-danger-soft px-3 py-2 text-sm">
                <s className="decoration-danger/60">{sentence}</s>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Step({ step, total }: { step: TraceStepResponse; total: number }) {
  const { t, i18n } = useTranslation();
  const known = stepNames.find((name) => name === step.name);
  const lines = detailLines(step.detail, i18n.language);
  const left = (step.startMs / total) * 100;
  const width = Math.max(1, (step.durationMs / total) * 100);
  return (
    <li>
      <p className="flex items-baseline justify-between gap-3 text-sm">
        <span className="font-medium">{known === undefined ? step.name : t(`trace.steps.${known}.title`)}</span>
        <span className="text-[13px] text-muted">
          <Duration ms={step.durationMs} />
        </span>
      </p>
      {known !== undefined && <p className="text-[13px] text-muted">{t(`trace.steps.${known}.body`)}</p>}
      <div aria-hidden className="relative mt-1.5 h-1 rounded-full bg-ink/8">
        <div
          className="absolute inset-y-0 rounded-full bg-accent"
          style={{ insetInlineStart: `${Math.min(left, 99)}%`, width: `${Math.min(width, 100 - Math.min(left, 99))}%` }}
        />
      </div>
      {lines.length > 0 && (
        <details className="group mt-1.5 text-[13px]">
          <summary className="inline-flex list-none items-center gap-1 text-muted hover:text-ink">
            <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
            {t("trace.details")}
          </summary>
          <dl className="mt-1 grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-4 gap-y-0.5 rounded-lg bg-sunk p-3">
            {lines.map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd className="font-mono text-xs leading-5 break-words">{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}
