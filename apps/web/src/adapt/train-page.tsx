/** A new training: which data, which recipe; beside it, always up to date, what it would take and whether it fits. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { GraduationCap, Library } from "lucide-react";
import { useState } from "react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useDatasets, useEstimate, useStartFineTune } from "../adaptation-queries.ts";
import { useSettled } from "../admin/use-settled.ts";
import { useModels } from "../queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { Card, Empty, Skeleton } from "../ui/page.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { AdaptPage } from "./adapt-page.tsx";
import { EstimateCard } from "./estimate-card.tsx";
import { NothingToLearn } from "./nothing-to-learn.tsx";
import { newRecipe, PRESETS, requestOf, whatIsMissing, type RecipeDraft } from "./recipe-draft.ts";
import { RecipeFields } from "./recipe-fields.tsx";

export function TrainPage() {
  const { t } = useTranslation();
  const datasets = useDatasets();
  const search: { dataset?: string } = useSearch({ strict: false });
  const first = search.dataset ?? datasets.data?.[0]?.id;
  return (
    <AdaptPage title={t("adapt.train.title")} lead={t("adapt.train.lead")}>
      {datasets.error !== null && datasets.data === undefined ? (
        <ErrorNote error={datasets.error} onRetry={() => void datasets.refetch()} />
      ) : datasets.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={6} />
      ) : first === undefined ? (
        <Card>
          <Empty
            icon={Library}
            title={t("adapt.train.noData")}
            body={t("adapt.train.noDataBody")}
            action={
              <Link to="/admin/adapt/datasets" className={buttonClass("primary")}>
                {t("adapt.first.action")}
              </Link>
            }
          />
        </Card>
      ) : (
        <TrainForm key={first} first={first} />
      )}
    </AdaptPage>
  );
}

function TrainForm({ first }: { first: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartFineTune();
  const [draft, setDraft] = useState(() => newRecipe(first));
  const dataset = useDatasets().data?.find(({ id }) => id === draft.dataset);
  const missing = dataset === undefined ? null : whatIsMissing(dataset, draft.method);
  const request = missing === null ? requestOf(draft) : null;
  // As text, so that the same request is the same value.
  const settled = useSettled(request === null ? null : JSON.stringify(request));
  const estimate = useEstimate(settled === null ? null : (JSON.parse(settled) as NonNullable<typeof request>));
  const change = (part: Partial<RecipeDraft>) => setDraft({ ...draft, ...part });
  const current = request !== null && settled === JSON.stringify(request) && !estimate.isPlaceholderData;
  return (
    <form
      className="grid items-start gap-x-8 gap-y-6 lg:grid-cols-[minmax(0,1fr)_20rem]"
      onSubmit={(event) => {
        event.preventDefault();
        if (request === null) return;
        start.mutate(request, {
          onSuccess: (run) => void navigate({ to: "/admin/adapt/runs/$runId", params: { runId: run.id } }),
        });
      }}
    >
      <Card className="flex min-w-0 flex-col gap-6 p-5 sm:p-6">
        <WhatAndOnWhat draft={draft} change={change} />
        <Choice
          name="method"
          value={draft.method}
          values={["supervised", "preference"]}
          onChange={(method) => change({ method })}
        />
        <Choice name="preset" value={draft.preset} values={PRESETS} onChange={(preset) => change({ preset })} />
        {draft.preset === "custom" && <RecipeFields draft={draft} change={change} />}
      </Card>
      <div className="flex flex-col gap-4 lg:sticky lg:top-6">
        {missing === null ? (
          <EstimateCard
            estimate={request === null ? undefined : estimate.data}
            error={request === null ? null : estimate.error}
            settling={!current && request !== null}
          />
        ) : (
          <NothingToLearn missing={missing} datasetId={draft.dataset} />
        )}
        {start.error !== null && <ErrorNote error={start.error} />}
        <Button
          type="submit"
          weight="primary"
          icon={GraduationCap}
          busy={start.isPending}
          disabled={request === null || !current || estimate.data?.fits !== true}
        >
          {t("adapt.train.start")}
        </Button>
        <p className="text-[13px] text-muted">{t("adapt.train.footnote")}</p>
      </div>
    </form>
  );
}

interface PartProps {
  draft: RecipeDraft;
  change: (part: Partial<RecipeDraft>) => void;
}

function WhatAndOnWhat({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const datasets = useDatasets().data ?? [];
  const generators = (useModels().data ?? []).filter((model) => model.role === "generator");
  const dataset = datasets.find(({ id }) => id === draft.dataset);
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={t("adapt.train.dataset")}
        hint={
          dataset === undefined
            ? undefined
            : t("adapt.train.datasetHint", { approved: dataset.counts.approved, pending: dataset.counts.pending })
        }
        value={draft.dataset}
        onChange={(event) => change({ dataset: event.target.value })}
        options={datasets.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <SelectField
        label={t("adapt.train.base")}
        hint={t("adapt.train.baseHint")}
        value={draft.base}
        onChange={(event) => change({ base: event.target.value })}
        options={[
          { value: "", label: t("adapt.train.configured") },
          ...generators.map(({ name }) => ({ value: name, label: name })),
        ]}
      />
      <div className="sm:col-span-2">
        <TextField
          label={t("adapt.train.name")}
          hint={t("adapt.train.nameHint")}
          maxLength={200}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
      </div>
    </div>
  );
}

type AnyChoice = RecipeDraft["method"] | RecipeDraft["preset"];
interface ChoiceProps<Value extends AnyChoice> {
  name: "method" | "preset";
  value: Value;
  values: readonly Value[];
  onChange: (value: Value) => void;
}

function Choice<Value extends AnyChoice>({ name, value, values, onChange }: ChoiceProps<Value>) {
  const { t } = useTranslation();
  const chosen: AnyChoice = value;
  const nameOf = (item: AnyChoice) => t(`adapt.train.choices.${item}`);
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">{t(`adapt.train.${name}`)}</p>
      <Segmented
        label={t(`adapt.train.${name}`)}
        value={value}
        onChange={onChange}
        segments={values.map((item) => ({ value: item, label: nameOf(item) }))}
      />
      <p className="mt-2 text-sm text-muted">{t(`adapt.train.choiceHints.${chosen}`)}</p>
    </div>
  );
}
