/** A dataset out of a file, out of what people said in chat, or out of the documents themselves. */
import type { CollectionResponse } from "@lorekeep/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCreateDataset, useDraftExamples } from "../adaptation-queries.ts";
import { useCollections } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField, TextField } from "../ui/field.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { datasetRequest, draftedFrom, EMPTY_DATASET, nameOf, WAYS, type DatasetDraft } from "./dataset-draft.ts";
import { ExampleFileField } from "./example-file-field.tsx";

export function CreateDatasetDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const collections = useCollections().data ?? [];
  const create = useCreateDataset();
  const drafting = useDraftExamples();
  const [chosen, setChosen] = useState<DatasetDraft>(EMPTY_DATASET);
  // Chosen by the reader, else the first one.
  const draft = { ...chosen, collection: chosen.collection ?? collections[0]?.id ?? "" };
  const change = (part: Partial<DatasetDraft>) => setChosen({ ...chosen, ...part });
  const request = datasetRequest(draft);
  const make = async () => {
    if (request === null) return;
    const dataset = await create.mutateAsync(request);
    const from = draftedFrom(draft);
    const job = from.length === 0 ? null : await drafting.mutateAsync({ id: dataset.id, request: { from } });
    onClose();
    await navigate({
      to: "/admin/adapt/datasets/$datasetId",
      params: { datasetId: dataset.id },
      search: job === null ? {} : { job: job.id },
    });
  };
  const error = create.error ?? drafting.error;
  return (
    <Dialog title={t("adapt.datasets.create")} onClose={onClose}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          // What fails is shown from the mutations.
          make().catch(() => undefined);
        }}
      >
        <WayField draft={draft} change={change} />
        <NameAndPlace draft={draft} change={change} collections={collections} />
        <Options draft={draft} change={change} />
        {error !== null && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            weight="primary"
            disabled={request === null}
            busy={create.isPending || drafting.isPending}
          >
            {t("adapt.create.confirm")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface PartProps {
  draft: DatasetDraft;
  change: (part: Partial<DatasetDraft>) => void;
}

function WayField({ draft, change }: PartProps) {
  const { t } = useTranslation();
  return (
    <>
      <div>
        <Segmented
          label={t("adapt.create.way")}
          value={draft.way}
          onChange={(way) => change({ way })}
          segments={WAYS.map((value) => ({ value, label: t(`adapt.create.ways.${value}`) }))}
        />
        <p className="mt-2 text-sm text-muted">{t(`adapt.create.wayHints.${draft.way}`)}</p>
      </div>
      {draft.way === "file" && <ExampleFileField file={draft.file} onFile={(file) => change({ file })} />}
    </>
  );
}

function NameAndPlace({ draft, change, collections }: PartProps & { collections: readonly CollectionResponse[] }) {
  const { t } = useTranslation();
  const fromFile = draft.way === "file";
  return (
    <>
      <TextField
        label={t("adapt.create.name")}
        required={nameOf(draft) === ""}
        maxLength={200}
        value={draft.name}
        placeholder={nameOf(draft)}
        onChange={(event) => change({ name: event.target.value })}
      />
      <SelectField
        label={t("documents.collection")}
        hint={t(fromFile ? "adapt.create.collectionHint" : "adapt.create.collectionFrom")}
        value={draft.collection ?? ""}
        onChange={(event) => change({ collection: event.target.value })}
        options={[
          ...(fromFile ? [{ value: "", label: t("adapt.create.noCollection") }] : []),
          ...collections.map(({ id, name: label }) => ({ value: id, label })),
        ]}
      />
    </>
  );
}

function Options({ draft, change }: PartProps) {
  const { t } = useTranslation();
  return (
    <div className="-my-2">
      {draft.collection !== "" && (
        <Checkbox
          label={t("adapt.create.unanswerable")}
          hint={t("adapt.create.unanswerableHint")}
          checked={draft.unanswerable}
          onChange={(event) => change({ unanswerable: event.target.checked })}
        />
      )}
      {draft.way === "file" && (
        <Checkbox
          label={t("adapt.create.review")}
          hint={t("adapt.create.reviewHint")}
          checked={draft.review}
          onChange={(event) => change({ review: event.target.checked })}
        />
      )}
    </div>
  );
}
