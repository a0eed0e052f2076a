import type { SearchResult } from "@lorekeep/core";
import { ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge } from "../ui/badge.tsx";

interface PassageCardProps {
  passage: SearchResult;
  marker: number;
  cited?: boolean;
  onOpen: () => void;
}

/** A retrieved chunk: where it stands, its words, and why it was found. */
export function PassageCard({ passage, marker, cited = false, onOpen }: PassageCardProps) {
  const { t, i18n } = useTranslation();
  const score = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 3 });
  const scores = [
    ["dense", passage.scores.dense],
    ["lexical", passage.scores.lexical],
    ["fused", passage.scores.fused],
  ] as const;
  return (
    <button
      type="button"
      data-testid="passage"
      onClick={onOpen}
      className="group block w-full rounded-xl border border-line bg-surface p-4 text-start shadow-card transition-colors hover:border-accent"
    >
      <span className="flex items-start gap-2">
        <span className="min-w-5 pt-px text-[13px] font-semibold text-accent tabular-nums">{marker}</span>
        <span className="min-w-0 flex-1">
          <span className="font-medium break-words">{passage.documentName}</span>
          {passage.page !== null && <span className="text-muted"> · {t("source.page", { page: passage.page })}</span>}
          {passage.headings.length > 0 && (
            <span className="block truncate text-[13px] text-muted">{passage.headings.join(" › ")}</span>
          )}
        </span>
        {cited && <Badge tone="accent">{t("source.cited")}</Badge>}
        <ChevronRight aria-hidden className="mt-0.5 size-4 shrink-0 text-faint group-hover:text-accent" />
      </span>
      <span className="mt-2 line-clamp-5 font-serif text-[0.95rem] leading-relaxed whitespace-pre-line">
        {passage.text}
      </span>
      <span className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {scores.map(([name, value]) =>
          value === null ? null : (
            <span key={name} title={t(`search.scoreHints.${name}`)}>
              {t(`search.scores.${name}`)} <span className="text-ink tabular-nums">{score(value)}</span>
            </span>
          ),
        )}
      </span>
    </button>
  );
}
