/** When documents were added: buckets with counts, and two days for whatever lies between them. */
import type { Facets, SearchFilter } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { TextField } from "../ui/field.tsx";
import { FacetChoice, FacetGroup } from "./facet-group.tsx";
import { daysOf, setBucket, setDays } from "./filter-draft.ts";

interface DateProps {
  buckets: Facets["created"];
  filter: SearchFilter;
  onChange: (filter: SearchFilter) => void;
}

const NEWEST = 5;

export function DateFacet({ buckets, filter, onChange }: DateProps) {
  const { t } = useTranslation();
  const days = daysOf(filter);
  const chosen = (bucket: DateProps["buckets"][number]) =>
    filter.createdAfter === bucket.after && filter.createdBefore === bucket.before;
  const day = (key: "from" | "until") => (
    <TextField
      type="date"
      label={t(`filter.${key}`)}
      value={days[key] ?? ""}
      className="h-9 px-2 text-sm"
      onChange={(event) =>
        onChange(setDays(filter, { ...days, [key]: event.target.value === "" ? null : event.target.value }))
      }
    />
  );
  return (
    <FacetGroup title={t("filter.facets.created")}>
      {buckets.length > 1 &&
        buckets
          .toReversed()
          .slice(0, NEWEST)
          .map((bucket) => (
            <FacetChoice
              key={bucket.label}
              label={bucket.label}
              count={bucket.count}
              checked={chosen(bucket)}
              onToggle={() => onChange(setBucket(filter, chosen(bucket) ? null : bucket))}
            />
          ))}
      <div className="mt-1.5 grid grid-cols-[repeat(auto-fit,minmax(9.5rem,1fr))] gap-2">
        {day("from")}
        {day("until")}
      </div>
    </FacetGroup>
  );
}
