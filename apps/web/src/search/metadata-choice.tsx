/** One metadata key: its frequent values, a range when it holds numbers, and whether a document has it at all. */
import type { MetadataFacet, SearchFilter } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { SelectField, TextField } from "../ui/field.tsx";
import { FacetChoice, FacetGroup } from "./facet-group.tsx";
import { conditionOf, setCondition, toggleMetadata, type Scalar } from "./filter-draft.ts";
import { valueName } from "./filter-words.ts";

interface MetadataProps {
  facet: MetadataFacet;
  filter: SearchFilter;
  onChange: (filter: SearchFilter) => void;
}

const MOST_VALUES = 8;

export function MetadataChoice({ facet, filter, onChange }: MetadataProps) {
  const { t } = useTranslation();
  const { key, values, range } = facet;
  const condition = conditionOf(filter, key);
  const chosen: readonly Scalar[] = condition.in ?? [];
  // Numbers of which there are many are chosen by their range.
  const isMeasure = range !== null && values.length > MOST_VALUES;
  const visible = isMeasure ? [] : values.slice(0, MOST_VALUES);
  const gone = chosen.filter((value) => visible.every((each) => each.value !== value));
  const shown = [...visible, ...gone.map((value) => ({ value, count: 0 }))];
  return (
    <FacetGroup title={key}>
      {shown.map(({ value, count }) => (
        <FacetChoice
          key={`${typeof value} ${String(value)}`}
          label={valueName(value, t)}
          count={count}
          checked={chosen.includes(value)}
          onToggle={() => onChange(toggleMetadata(filter, key, value))}
        />
      ))}
      {range !== null && range.low < range.high && <Range {...{ facet, filter, onChange }} />}
      <div className="mt-1.5">
        <SelectField
          hideLabel
          label={key}
          className="h-9 text-sm"
          value={condition.exists === undefined ? "" : String(condition.exists)}
          onChange={({ target }) =>
            onChange(
              setCondition(filter, key, {
                ...condition,
                exists: target.value === "" ? undefined : target.value === "true",
              }),
            )
          }
          options={[
            { value: "", label: t("filter.either") },
            { value: "true", label: t("filter.has", { key }) },
            { value: "false", label: t("filter.lacks", { key }) },
          ]}
        />
      </div>
    </FacetGroup>
  );
}

function Range({ facet: { key, range }, filter, onChange }: MetadataProps) {
  const { t } = useTranslation();
  const condition = conditionOf(filter, key);
  const bound = (name: "gte" | "lte", label: string, placeholder: number) => (
    <TextField
      type="number"
      step="any"
      label={label}
      placeholder={String(placeholder)}
      value={condition[name] ?? ""}
      className="h-9 px-2 text-sm"
      onChange={({ target }) => {
        const value = target.value === "" ? undefined : target.valueAsNumber;
        if (value === undefined || Number.isFinite(value))
          onChange(setCondition(filter, key, { ...condition, [name]: value }));
      }}
    />
  );
  return (
    <div className="mt-1.5 grid grid-cols-2 gap-2">
      {bound("gte", t("filter.low"), range!.low)}
      {bound("lte", t("filter.high"), range!.high)}
    </div>
  );
}
