/** Starts a run: which questions, over which documents, answered by what. */
import type { CreateEvaluationRequest } from "@lorekeep/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAdapters, useDatasets, useStartEvaluation } from "../adaptation-queries.ts";
import { adapterLabel } from "../adapt/answering-now.ts";
import { useCollections } from "../queries.ts";
import { LimitField } from "./limit-field.tsx";
import { useQuestionSets } from "./question-set-queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField, TextField } from "../ui/field.tsx";

/** What answers while it is measured. */
const NOW = "now";
const ALONE = "alone";

/** Every set there is to ask: question sets first, then datasets that are also trained on. */
function useAskable(): readonly Askable[] | undefined {
  const sets = useQuestionSets().data;
  const datasets = useDatasets().data;
  return sets && datasets && [...sets, ...datasets];
}

/** `dataset`: the set whose questions are asked, unless another is chosen. */
export function StartDialog({ dataset, onClose }: { dataset?: string; onClose: () => void }) {
  const { t } = useTranslation();
  const askable = useAskable();
  if (askable?.length === 0)
    return (
      <Dialog title={t("evaluation.start")} onClose={onClose}>
        <p className="text-muted">{t("evaluation.noSets")}</p>
        <p className="mt-5 text-end">
          <Link to="/admin/evaluation/sets" className={buttonClass("primary")}>
            {t("evaluation.sets.create")}
          </Link>
        </p>
      </Dialog>
    );
  return (
    <Dialog title={t("evaluation.start")} onClose={onClose}>
      <StartForm initial={dataset ?? ""} onClose={onClose} />
    </Dialog>
  );
}

interface Askable {
  readonly id: string;
  readonly name: string;
  readonly collectionId: string | null;
}

interface Draft {
  readonly dataset: string;
  /** "" = the question set's own. */
  readonly collection: string;
  readonly name: string;
  readonly answeredBy: string;
  readonly answers: boolean;
  readonly limit: string;
}
const EMPTY: Draft = { dataset: "", collection: "", name: "", answeredBy: NOW, answers: true, limit: "200" };

const requestOf = (draft: Draft): CreateEvaluationRequest => ({
  dataset: draft.dataset,
  answers: draft.answers,
  limit: Number(draft.limit),
  ...(draft.collection === "" ? {} : { collection: draft.collection }),
  ...(draft.name.trim() === "" ? {} : { name: draft.name.trim() }),
  // Another way of answering is a trial: what answers now is measured beside it.
  ...(draft.answeredBy === NOW ? {} : { adapter: draft.answeredBy === ALONE ? null : draft.answeredBy, candidate: {} }),
});

function StartForm({ initial, onClose }: { initial: string; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const datasets = useAskable() ?? [];
  const start = useStartEvaluation();
  const [chosen, setChosen] = useState({ ...EMPTY, dataset: initial });
  const dataset = datasets.find(({ id }) => id === chosen.dataset) ?? datasets[0];
  const draft = {
    ...chosen,
    dataset: dataset?.id ?? "",
    collection: chosen.collection === "" ? (dataset?.collectionId ?? "") : chosen.collection,
  };
  const send = () =>
    start.mutate(requestOf(draft), {
      onSuccess: (run) => {
        onClose();
        void navigate({ to: "/admin/evaluation/$evaluationId", params: { evaluationId: run.id } });
      },
    });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Fields draft={draft} change={(part) => setChosen({ ...chosen, ...part })} />
      {start.error !== null && <ErrorNote error={start.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" weight="primary" busy={start.isPending} disabled={dataset === undefined}>
          {t("evaluation.startConfirm")}
        </Button>
      </div>
    </form>
  );
}

interface FieldsProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function Fields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const datasets = useAskable() ?? [];
  const collections = useCollections().data ?? [];
  const named = (items: readonly { id: string; name: string }[]) =>
    items.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <>
      <SelectField
        label={t("evaluation.questionSet")}
        hint={t("evaluation.questionSetHint")}
        value={draft.dataset}
        onChange={(event) => change({ dataset: event.target.value, collection: "" })}
        options={named(datasets)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t("documents.collection")}
          value={draft.collection}
          onChange={(event) => change({ collection: event.target.value })}
          options={[...(draft.collection === "" ? [{ value: "", label: "–" }] : []), ...named(collections)]}
        />
        <LimitField limit={draft.limit} change={change} />
      </div>
      <HowFields draft={draft} change={change} />
    </>
  );
}

function HowFields({ draft, change }: FieldsProps) {
  const { t } = useTranslation();
  const adapters = useAdapters().data ?? [];
  return (
    <>
      <SelectField
        label={t("evaluation.answeredBy")}
        hint={draft.answeredBy === NOW ? undefined : t("evaluation.answeredByHint")}
        value={draft.answeredBy}
        onChange={(event) => change({ answeredBy: event.target.value })}
        options={[
          { value: NOW, label: t("evaluation.answersNow") },
          { value: ALONE, label: t("adapt.answering.alone") },
          ...adapters.map((adapter) => ({ value: adapter.id, label: adapterLabel(adapter) })),
        ]}
      />
      <TextField
        label={t("adapt.create.name")}
        hint={t("evaluation.nameHint")}
        maxLength={200}
        value={draft.name}
        onChange={(event) => change({ name: event.target.value })}
      />
      <Checkbox
        label={t("evaluation.withAnswers")}
        hint={t("evaluation.withAnswersHint")}
        checked={draft.answers}
        onChange={(event) => change({ answers: event.target.checked })}
      />
    </>
  );
}
