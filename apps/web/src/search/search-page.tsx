/** The search playground: a query, a mode, and the passages with their scores, as the chat would find them. */
import type { SearchFilter } from "@lorekeep/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import clsx from "clsx";
import { Search as SearchIcon, SearchX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CollectionPicker } from "../chat/collection-picker.tsx";
import { useSearchResults } from "../queries.ts";
import { usePane } from "../source/pane-state.ts";
import { SidePane } from "../source/side-pane.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { controlClass } from "../ui/field.tsx";
import { Duration } from "../ui/formatted.tsx";
import { Empty, Page, Skeleton } from "../ui/page.tsx";
import { FacetPanel } from "./facet-panel.tsx";
import { FilterButton } from "./filter-button.tsx";
import { FilterChips } from "./filter-chips.tsx";
import { isEmptyFilter, parseFilter } from "./filter-draft.ts";
import { PassageCard } from "./passage-card.tsx";

const MODES = ["hybrid", "dense", "lexical"] as const;
const LIMIT = 20;

export function SearchPage() {
  const { t } = useTranslation();
  const address = useSearch({ strict: false });
  const { q = "" } = address;
  // In the address too, so that a narrowed search can be reloaded, shared and left with the back button.
  const filter = parseFilter(address.filter) ?? {};
  const navigate = useNavigate();
  const pane = usePane();
  const [text, setText] = useState(q);
  const [mode, setMode] = useState<(typeof MODES)[number]>("hybrid");
  const [collections, setCollections] = useState<readonly string[]>([]);
  const results = useSearchResults(
    q.trim() === ""
      ? null
      : {
          ...{ query: q, mode, limit: LIMIT },
          ...(collections.length > 0 ? { collections: [...collections] } : {}),
          ...(isEmptyFilter(filter) ? {} : { filter }),
        },
  );
  const go = (query: string, next: SearchFilter) =>
    void navigate({ to: "/search", search: { q: query, ...(isEmptyFilter(next) ? {} : { filter: next }) } });
  const setFilter = (next: SearchFilter) => go(q, next);
  return (
    <div className="flex h-full min-h-0">
      <div className="min-w-0 flex-1 overflow-y-auto">
        <Page title={t("search.title")} lead={t("search.lead")}>
          <form
            role="search"
            className="flex gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              go(text.trim(), filter);
            }}
          >
            <input
              type="search"
              autoFocus
              value={text}
              aria-label={t("search.query")}
              placeholder={t("search.placeholder")}
              maxLength={8000}
              onChange={(event) => setText(event.target.value)}
              className={clsx(controlClass, "h-11 min-w-0 flex-1 text-base")}
            />
            <Button type="submit" weight="primary" icon={SearchIcon} className="h-11">
              <span className="max-sm:sr-only">{t("search.go")}</span>
            </Button>
          </form>
          <div className="mt-3 mb-4 flex flex-wrap items-center gap-3">
            <fieldset className="flex rounded-lg border border-line bg-surface p-0.5 text-[13px]">
              <legend className="sr-only">{t("search.mode")}</legend>
              {MODES.map((name) => (
                <label
                  key={name}
                  title={t(`search.modeHints.${name}`)}
                  className="rounded-md px-3 py-1 text-muted has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-accent"
                >
                  <input
                    type="radio"
                    name="mode"
                    value={name}
                    checked={mode === name}
                    onChange={() => setMode(name)}
                    className="sr-only"
                  />
                  {t(`search.modes.${name}`)}
                </label>
              ))}
            </fieldset>
            <CollectionPicker chosen={collections} onChange={setCollections} />
            <span className="lg:hidden">
              <FilterButton collections={collections} filter={filter} onChange={setFilter} />
            </span>
            {results.data && (
              <p role="status" className="ms-auto text-[13px] text-muted">
                {t("search.found", { count: results.data.results.length })} · <Duration ms={results.data.tookMs} />
              </p>
            )}
          </div>
          <div className="mb-5 empty:hidden">
            <FilterChips filter={filter} onChange={setFilter} />
          </div>
          <div className="flex items-start gap-8">
            <aside aria-label={t("filter.title")} className="w-56 shrink-0 max-lg:hidden">
              <FacetPanel collections={collections} filter={filter} onChange={setFilter} />
            </aside>
            <div className="min-w-0 flex-1">
              <Results results={results} onOpen={pane.openSource} />
            </div>
          </div>
        </Page>
      </div>
      <SidePane answers={[]} />
    </div>
  );
}

interface ResultsProps {
  results: ReturnType<typeof useSearchResults>;
  onOpen: ReturnType<typeof usePane>["openSource"];
}

function Results({ results, onOpen }: ResultsProps) {
  const { t } = useTranslation();
  if (results.error !== null) return <ErrorNote error={results.error} onRetry={() => void results.refetch()} />;
  if (results.isLoading) return <Skeleton label={t("common.loading")} rows={6} />;
  if (results.data === undefined) return null;
  if (results.data.results.length === 0)
    return <Empty icon={SearchX} title={t("search.none")} body={t("search.noneBody")} />;
  return (
    <ol className="flex flex-col gap-3" aria-label={t("search.results")}>
      {results.data.results.map((passage, index) => (
        <li key={passage.chunkId}>
          <PassageCard passage={passage} marker={index + 1} onOpen={() => onOpen(passage)} />
        </li>
      ))}
    </ol>
  );
}
