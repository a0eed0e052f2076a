/** Opens the facets in a dialog: in the chat, and in search where the screen has no room beside the results. */
import type { SearchFilter } from "@lorekeep/core";
import { ListFilter } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { FacetPanel } from "./facet-panel.tsx";
import { conditionsOf, isEmptyFilter, NO_FILTER } from "./filter-draft.ts";

interface FilterButtonProps {
  collections: readonly string[];
  filter: SearchFilter;
  onChange: (filter: SearchFilter) => void;
}

export function FilterButton({ collections, filter, onChange }: FilterButtonProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const count = conditionsOf(filter).length;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        title={count === 0 ? undefined : t("filter.openCount", { count })}
        data-testid="filter-button"
        onClick={() => setOpen(true)}
        className="inline-flex h-8 shrink-0 items-center gap-1.5 rounded-lg px-2 text-[13px] text-muted hover:bg-ink/6 hover:text-ink"
      >
        <ListFilter aria-hidden className="size-3.5" />
        {t("filter.open")}{" "}
        {count > 0 && (
          <span className="flex h-5 min-w-5 items-center justify-center rounded-full bg-accent px-1 text-xs text-on-accent tabular-nums">
            {count}
          </span>
        )}
      </button>
      {open && (
        <Dialog title={t("filter.title")} onClose={() => setOpen(false)}>
          <p className="mb-4 text-sm text-muted">{t("filter.lead")}</p>
          <FacetPanel collections={collections} filter={filter} onChange={onChange} />
          <div className="sticky -bottom-6 -mx-6 mt-5 -mb-6 flex justify-between gap-2 border-t border-line bg-surface px-6 py-4">
            <Button disabled={isEmptyFilter(filter)} onClick={() => onChange(NO_FILTER)}>
              {t("filter.clear")}
            </Button>
            <Button weight="primary" onClick={() => setOpen(false)}>
              {t("filter.show")}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
