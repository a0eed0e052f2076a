import { EXAMPLE_PROBLEMS, EXAMPLE_SOURCES, EXAMPLE_STATUSES } from "@lorekeep/core";
import { CheckCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useReviewExamples, type ExampleFilter } from "../adaptation-queries.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/error-text.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";

interface FiltersProps {
  datasetId: string;
  filter: ExampleFilter;
  onChange: (filter: ExampleFilter) => void;
}

/** Which examples are shown; and the one click that approves all in which nothing was found. */
export function ExampleFilters({ datasetId, filter, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const select = <Value extends string>(
    key: "status" | "source" | "problem",
    any: string,
    values: readonly Value[],
    nameOf: (value: Value) => string,
  ) => (
    <div className="min-w-36 flex-1">
      <SelectField
        hideLabel
        label={t(`adapt.examples.filters.${key}`)}
        value={filter[key] ?? ""}
        onChange={(event) => onChange({ ...filter, [key]: event.target.value === "" ? undefined : event.target.value })}
        options={[{ value: "", label: any }, ...values.map((value) => ({ value, label: nameOf(value) }))]}
      />
    </div>
  );
  return (
    <div className="mt-8 mb-3 flex flex-col gap-3">
      <div role="search" aria-label={t("adapt.examples.filters.title")} className="flex flex-wrap gap-3">
        <div className="flex-[2] basis-56">
          <TextField
            hideLabel
            type="search"
            label={t("adapt.examples.filters.text")}
            placeholder={t("adapt.examples.filters.text")}
            value={filter.query ?? ""}
            onChange={(event) => onChange({ ...filter, query: event.target.value })}
          />
        </div>
        {select("status", t("documents.anyStatus"), EXAMPLE_STATUSES, (value) => t(`adapt.examples.status.${value}`))}
        {select("source", t("adapt.examples.filters.anySource"), EXAMPLE_SOURCES, (value) =>
          t(`adapt.examples.sources.${value}`),
        )}
        {select("problem", t("adapt.examples.filters.anyProblem"), EXAMPLE_PROBLEMS, (value) =>
          t(`adapt.examples.problems.${value}`),
        )}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <p className="text-[13px] text-muted max-sm:hidden">
          <Keys />
        </p>
        <ApproveAll datasetId={datasetId} />
      </div>
    </div>
  );
}

function ApproveAll({ datasetId }: { datasetId: string }) {
  const { t } = useTranslation();
  const review = useReviewExamples();
  const approve = () =>
    review.mutate(
      { id: datasetId, request: { allSound: true, status: "approved" } },
      {
        onSuccess: ({ changed }) => toast(t("adapt.examples.bulkDone", { count: changed })),
        onError: (error) => toast(errorText(error, t).title),
      },
    );
  return (
    <Button size="sm" icon={CheckCheck} busy={review.isPending} onClick={approve}>
      {t("adapt.examples.bulk")}
    </Button>
  );
}

function Keys() {
  const { t } = useTranslation();
  const keys = [
    ["J K", "move"],
    ["A", "approve"],
    ["R", "reject"],
    ["E", "edit"],
    ["P", "passages"],
  ] as const;
  return (
    <span className="inline-flex flex-wrap gap-x-4 gap-y-1">
      {keys.map(([key, name]) => (
        <span key={key} className="inline-flex items-center gap-1.5">
          <kbd className="rounded border border-line bg-surface px-1.5 font-mono text-[11px] leading-5">{key}</kbd>
          {t(`adapt.examples.keys.${name}`)}
        </span>
      ))}
    </span>
  );
}
