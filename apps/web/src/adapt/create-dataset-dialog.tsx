/** A dataset out of a file, out of what people said in chat, or out of the documents themselves. */
import type { CreateDatasetRequest, DraftExamplesRequest } from "@lorekeep/core";
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
import { ExampleFileField, type ChosenFile } from "./example-file-field.tsx";

const WAYS = ["file", "documents", "feedback"] as const;
type Way = (typeof WAYS)[number];

export function CreateDatasetDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const collections = useCollections().data ?? [];
  const create = useCreateDataset();
  const draft = useDraftExamples();
  const [way, setWay] = useState<Way>("file");
  const [name, setName] = useState("");
  const [picked, setPicked] = useState<string | null>(null);
  const [file, setFile] = useState<ChosenFile | null>(null);
  const [review, setReview] = useState(false);
  const [unanswerable, setUnanswerable] = useState(true);
  const collection = picked ?? collections[0]?.id ?? "";
  const title = name.trim() === "" ? (file?.name.replace(/\.[^.]+$/, "") ?? "") : name.trim();
  const ready = title !== "" && (way === "file" ? (file?.examples.length ?? 0) > 0 : collection !== "");

  const make = async () => {
    const request: CreateDatasetRequest = {
      name: title,
      ...(collection === "" ? {} : { collection }),
      ...(way === "file" ? { examples: [...(file?.examples ?? [])], review } : {}),
    };
    const dataset = await create.mutateAsync(request);
    const from: DraftExamplesRequest["from"] = [
      ...(way === "file" ? [] : [way]),
      ...(unanswerable && collection !== "" ? ["unanswerable" as const] : []),
    ];
    const job = from.length === 0 ? null : await draft.mutateAsync({ id: dataset.id, request: { from } });
    onClose();
    await navigate({
      to: "/admin/adapt/datasets/$datasetId",
      params: { datasetId: dataset.id },
      search: job === null ? {} : { job: job.id },
    });
  };
  const error = create.error ?? draft.error;
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
        <div>
          <Segmented
            label={t("adapt.create.way")}
            value={way}
            onChange={setWay}
            segments={WAYS.map((value) => ({ value, label: t(`adapt.create.ways.${value}`) }))}
          />
          <p className="mt-2 text-sm text-muted">{t(`adapt.create.wayHints.${way}`)}</p>
        </div>
        {way === "file" && <ExampleFileField file={file} onFile={setFile} />}
        <TextField
          label={t("adapt.create.name")}
          required
          maxLength={200}
          value={name}
          placeholder={title}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={t("documents.collection")}
          hint={t(way === "file" ? "adapt.create.collectionHint" : "adapt.create.collectionFrom")}
          value={collection}
          onChange={(event) => setPicked(event.target.value)}
          options={[
            ...(way === "file" ? [{ value: "", label: t("adapt.create.noCollection") }] : []),
            ...collections.map(({ id, name: label }) => ({ value: id, label })),
          ]}
        />
        <div className="-my-2">
          {collection !== "" && (
            <Checkbox
              label={t("adapt.create.unanswerable")}
              hint={t("adapt.create.unanswerableHint")}
              checked={unanswerable}
              onChange={(event) => setUnanswerable(event.target.checked)}
            />
          )}
          {way === "file" && (
            <Checkbox
              label={t("adapt.create.review")}
              hint={t("adapt.create.reviewHint")}
              checked={review}
              onChange={(event) => setReview(event.target.checked)}
            />
          )}
        </div>
        {error !== null && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" weight="primary" disabled={!ready} busy={create.isPending || draft.isPending}>
            {t("adapt.create.confirm")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
