/** The conditions in force, each removable by itself: a filter that cannot be seen makes answers that cannot be understood. */
import type { SearchFilter } from "@lorekeep/core";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDocumentNames } from "./document-choice.tsx";
import { conditionsOf, NO_FILTER } from "./filter-draft.ts";
import { conditionName } from "./filter-words.ts";

export function FilterChips({ filter, onChange }: { filter: SearchFilter; onChange: (filter: SearchFilter) => void }) {
  const { t } = useTranslation();
  const nameOf = useDocumentNames(filter);
  const conditions = conditionsOf(filter);
  if (conditions.length === 0) return null;
  return (
    <ul
      aria-label={t("filter.title")}
      className="flex min-w-0 flex-wrap items-center gap-1.5"
      data-testid="filter-chips"
    >
      {conditions.map((condition) => {
        const label = conditionName(condition, t, nameOf);
        return (
          // Documents may share a name, or have none yet.
          <li
            key={condition.kind === "documentIds" ? condition.value : `${condition.kind} ${label}`}
            className="min-w-0"
          >
            <button
              type="button"
              aria-label={t("filter.remove", { label })}
              onClick={() => onChange(condition.removed)}
              className="inline-flex h-7 max-w-full items-center gap-1 rounded-full bg-accent-soft ps-2.5 pe-1.5 text-[13px] text-accent hover:bg-accent/20"
            >
              <span className="truncate">{label}</span>
              <X aria-hidden className="size-3.5 shrink-0" />
            </button>
          </li>
        );
      })}
      {conditions.length > 1 && (
        <li>
          <button
            type="button"
            onClick={() => onChange(NO_FILTER)}
            className="h-7 px-1.5 text-[13px] text-muted hover:text-ink hover:underline"
          >
            {t("filter.clear")}
          </button>
        </li>
      )}
    </ul>
  );
}
