/** What the documents can be narrowed down by, with counts; a tick searches anew. The same panel serves search and chat. */
import type { Facets, SearchFilter } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFacets } from "../collection-queries.ts";
import { ErrorNote } from "../ui/error-note.tsx";
import { Skeleton } from "../ui/page.tsx";
import { DateFacet } from "./date-facet.tsx";
import { DocumentChoice } from "./document-choice.tsx";
import { FacetChoice, FacetGroup } from "./facet-group.tsx";
import { chosenOf, toggle, type ListFacet } from "./filter-draft.ts";
import { formatName, languageName } from "./filter-words.ts";
import { MetadataChoice } from "./metadata-choice.tsx";

interface PanelProps {
  collections: readonly string[];
  filter: SearchFilter;
  onChange: (filter: SearchFilter) => void;
}

const FEW = 6;

export function FacetPanel({ collections, filter, onChange }: PanelProps) {
  const { t } = useTranslation();
  const facets = useFacets(collections, filter);
  if (facets.error !== null) return <ErrorNote error={facets.error} onRetry={() => void facets.refetch()} />;
  if (facets.data === undefined) return <Skeleton label={t("common.loading")} rows={5} />;
  const { tags, folders, languages, mediaTypes } = facets.data;
  const list = { filter, onChange };
  return (
    <div className="flex flex-col gap-5" data-testid="facets">
      <Admitted facets={facets.data} />
      <ListOf {...list} facet="tags" values={tags} word={(value) => value} hint={t("filter.allTags")} />
      <ListOf {...list} facet="folders" values={folders} word={(value) => `${value}/`} />
      {languages.length + chosenOf(filter, "languages").length > 1 && (
        <ListOf {...list} facet="languages" values={languages} word={(value) => languageName(value, t)} />
      )}
      {mediaTypes.length + chosenOf(filter, "mediaTypes").length > 1 && (
        <ListOf {...list} facet="mediaTypes" values={mediaTypes} word={(value) => formatName(value, t)} />
      )}
      <DateFacet buckets={facets.data.created} filter={filter} onChange={onChange} />
      {facets.data.metadata.map((facet) => (
        <MetadataChoice key={facet.key} facet={facet} filter={filter} onChange={onChange} />
      ))}
      <DocumentChoice collections={collections} filter={filter} onChange={onChange} />
    </div>
  );
}

function Admitted({ facets }: { facets: Facets }) {
  const { t, i18n } = useTranslation();
  const number = (value: number) => value.toLocaleString(i18n.language);
  return (
    <p role="status" className="text-[13px] text-muted" data-testid="admitted">
      {t("filter.admitted", { admitted: number(facets.admitted), total: number(facets.documents) })}
      {facets.admitted === 0 && facets.documents > 0 && (
        <span className="mt-1 block text-warn">{t("filter.nothing")}</span>
      )}
    </p>
  );
}

interface ListProps {
  facet: ListFacet;
  values: readonly { readonly value: string; readonly count: number }[];
  word: (value: string) => string;
  hint?: string;
  filter: SearchFilter;
  onChange: (filter: SearchFilter) => void;
}

/** What is chosen stays in sight although no document is left under the other conditions. */
function ListOf({ facet, values, word, hint, filter, onChange }: ListProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const chosen = chosenOf(filter, facet);
  const gone = chosen.filter((value) => values.every((each) => each.value !== value));
  const shown = [...values, ...gone.map((value) => ({ value, count: 0 }))];
  if (shown.length === 0) return null;
  const visible = all ? shown : shown.filter(({ value }, at) => at < FEW || chosen.includes(value));
  return (
    <FacetGroup
      title={t(`filter.facets.${facet === "documentIds" ? "documents" : facet}`)}
      {...(hint !== undefined && chosen.length > 1 ? { hint } : {})}
    >
      {visible.map(({ value, count }) => (
        <FacetChoice
          key={value}
          label={word(value)}
          count={count}
          checked={chosen.includes(value)}
          onToggle={() => onChange(toggle(filter, facet, value))}
        />
      ))}
      {shown.length > FEW && (
        <button
          type="button"
          onClick={() => setAll(!all)}
          className="mt-1 text-[13px] font-medium text-accent hover:underline"
        >
          {all ? t("filter.less") : t("filter.more")}
        </button>
      )}
    </FacetGroup>
  );
}
