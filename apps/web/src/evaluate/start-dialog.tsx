import type { CreateEvaluationRequest } from "@lorekeep/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAdapters, useDatasets, useStartEvaluation } from "../adaptation-queries.ts";
import { adapterLabel } from "../adapt/answering-now.ts";
import { useCollections } from "../queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField, TextField } from "../ui/field.tsx";

/** What answers while it is measured. */
const NOW = "now";
const ALONE = "alone";

/** Which questions, over which documents, answered by what. */
export function StartDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const datasets = useDatasets().data;
  if (datasets?.length === 0)
    return (
      <Dialog title={t("evaluation.start")} onClose={onClose}>
        <p className="text-muted">{t("evaluation.noSets")}</p>
        <p className="mt-5 text-end">
          <Link to="/admin/adapt/datasets" className={buttonClass("primary")}>
            {t("adapt.first.action")}
          </Link>
        </p>
      </Dialog>
    );
  return (
    <Dialog title={t("evaluation.start")} onClose={onClose}>
      <StartForm onClose={onClose} />
    </Dialog>
  );
}

function StartForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const datasets = useDatasets().data ?? [];
  const collections = useCollections().data ?? [];
  const adapters = useAdapters().data ?? [];
  const start = useStartEvaluation();
  const [picked, setPicked] = useState({ dataset: "", collection: "" });
  const [name, setName] = useState("");
  const [answeredBy, setAnsweredBy] = useState(NOW);
  const [answers, setAnswers] = useState(true);
  const [limit, setLimit] = useState("200");
  const dataset = datasets.find(({ id }) => id === picked.dataset) ?? datasets[0];
  const collection = picked.collection === "" ? (dataset?.collectionId ?? collections[0]?.id) : picked.collection;
  const send = () => {
    if (dataset === undefined) return;
    const request: CreateEvaluationRequest = {
      dataset: dataset.id,
      answers,
      limit: Number(limit),
      ...(collection === undefined ? {} : { collection }),
      ...(name.trim() === "" ? {} : { name: name.trim() }),
      ...(answeredBy === NOW ? {} : { adapter: answeredBy === ALONE ? null : answeredBy }),
    };
    start.mutate(request, {
      onSuccess: (run) => {
        onClose();
        void navigate({ to: "/admin/evaluation/$evaluationId", params: { evaluationId: run.id } });
      },
    });
  };
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <SelectField
        label={t("evaluation.questionSet")}
        hint={t("evaluation.questionSetHint")}
        value={dataset?.id ?? ""}
        onChange={(event) => setPicked({ dataset: event.target.value, collection: "" })}
        options={datasets.map((item) => ({ value: item.id, label: item.name }))}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t("documents.collection")}
          value={collection ?? ""}
          onChange={(event) => setPicked({ ...picked, collection: event.target.value })}
          options={collections.map((item) => ({ value: item.id, label: item.name }))}
        />
        <TextField
          type="number"
          label={t("evaluation.limit")}
          min={1}
          max={2000}
          required
          value={limit}
          onChange={(event) => setLimit(event.target.value)}
        />
      </div>
      <SelectField
        label={t("evaluation.answeredBy")}
        value={answeredBy}
        onChange={(event) => setAnsweredBy(event.target.value)}
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
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Checkbox
        label={t("evaluation.withAnswers")}
        hint={t("evaluation.withAnswersHint")}
        checked={answers}
        onChange={(event) => setAnswers(event.target.checked)}
      />
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
