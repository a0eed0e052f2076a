/** Every sentence of an answer with its passages, their scores and what the check saw; on demand, which passage it depends on. */
import type { AttributionResponse } from "@lorekeep/core";
import { Scale } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAttribution } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import type { AnswerState } from "./answer-state.ts";
import { sentencesOf, type Evidence } from "./sentence-evidence.ts";
import { readable } from "./trace-detail.ts";

type Attributed = AttributionResponse["sentences"][number];

export function TraceSentences({ answer }: { answer: AnswerState }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const attribution = useAttribution(answer.messageId ?? "", answer.text, wanted && answer.messageId !== null);
  const sentences = sentencesOf(answer);
  if (sentences.length === 0) return null;
  const effects = new Map(attribution.data?.sentences.map((each) => [each.answerSpan.join("-"), each]));
  return (
    <section className="mt-7" data-testid="trace-sentences">
      <h3 className="font-serif font-semibold">{t("trace.sentences.title")}</h3>
      <p className="mt-1 text-sm text-muted">{t("trace.sentences.body")}</p>
      {answer.messageId !== null && attribution.data === undefined && (
        <Button
          size="sm"
          icon={Scale}
          className="mt-3"
          disabled={attribution.isFetching}
          onClick={() => (attribution.isError ? void attribution.refetch() : setWanted(true))}
        >
          {attribution.isFetching ? t("common.loading") : t("trace.sentences.attribute")}
        </Button>
      )}
      {attribution.isError && <ErrorNote error={attribution.error} onRetry={() => void attribution.refetch()} />}
      <ol className="mt-3 flex flex-col gap-3">
        {sentences.map(({ key, text, evidence }) => (
          <li key={key} className="rounded-xl border border-line p-3.5">
            <p className="font-serif text-[0.95rem] leading-relaxed break-words">{text}</p>
            <ul className="mt-2 flex flex-col gap-2">
              {evidence.map((item) => (
                <EvidenceLine key={`${item.citation.marker}:${item.citation.span[0]}`} item={item} />
              ))}
            </ul>
            <Effects attributed={effects.get(key)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function EvidenceLine({ item }: { item: Evidence }) {
  const { t, i18n } = useTranslation();
  const { citation, passage, verdict, isQuoted, features } = item;
  const number = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 3 });
  // Passages of a summary were read in order: nobody searched for them.
  const wasFound = passage !== null && (passage.scores.dense !== null || passage.scores.lexical !== null);
  const scores = (["dense", "lexical", "fused"] as const).flatMap((arm) => {
    const score = passage?.scores[arm];
    return score == null || !wasFound ? [] : [`${t(`search.scores.${arm}`)} ${number(score)}`];
  });
  return (
    <li className="text-[13px]">
      <p className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <span className="font-semibold text-accent tabular-nums">{citation.marker}</span>
        <span className="font-medium break-words">{citation.documentName}</span>
        <Badge tone={verdict === "supported" ? "good" : "warn"}>
          {isQuoted ? t("trace.sentences.quoted") : t(`trace.sentences.verdicts.${verdict}`)}
        </Badge>
        {!isQuoted && (
          <span className="text-muted">{t("trace.sentences.support", { support: number(citation.support) })}</span>
        )}
      </p>
      {scores.length > 0 && <p className="mt-0.5 text-muted">{scores.join(" · ")}</p>}
      {features.length > 0 && (
        <dl className="mt-1 grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-4 gap-y-0.5 rounded-lg bg-sunk px-3 py-2">
          {features.map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{readable(name)}</dt>
              <dd className="font-mono text-xs leading-5">{number(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

/** What becomes of the sentence without each passage. */
function Effects({ attributed }: { attributed: Attributed | undefined }) {
  const { t } = useTranslation();
  if (attributed === undefined) return null;
  return (
    <ul data-testid="attribution" className="mt-2.5 flex flex-col gap-1 border-t border-line pt-2.5 text-[13px]">
      {attributed.passages.map(({ marker, documentName, effect }) => (
        <li key={marker} className="flex items-baseline gap-2">
          <span className="font-semibold text-accent tabular-nums">{marker}</span>
          <span className={effect === "falls" ? "font-medium" : "text-muted"}>
            {t(`trace.sentences.effects.${effect}`, { name: documentName })}
          </span>
        </li>
      ))}
    </ul>
  );
}
