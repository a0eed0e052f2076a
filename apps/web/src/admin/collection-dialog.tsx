/** Create a collection, or change one: only what differs is sent, since some changes rebuild the index. */
import type { CollectionResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCreateCollection, useModels, useUpdateCollection } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField, TextArea, TextField } from "../ui/field.tsx";
import { Slider } from "../ui/slider.tsx";
import { toast } from "../ui/toast.tsx";
import { candidateOf } from "../evaluate/trial.ts";
import { PromptFields } from "../evaluate/prompt-fields.tsx";
import { TryDialog } from "../evaluate/try-dialog.tsx";
import { ChunkPreview } from "./chunk-preview.tsx";
import { changesOf, draftOf, rebuilds, type CollectionDraft } from "./collection-draft.ts";

const LANGUAGES = ["auto", "en", "zh", "other"] as const;

export function CollectionDialog({
  collection,
  onClose,
}: {
  collection: CollectionResponse | null;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const create = useCreateCollection();
  const update = useUpdateCollection();
  const [draft, setDraft] = useState(() => draftOf(collection));
  const change = (part: Partial<CollectionDraft>) => setDraft({ ...draft, ...part });
  const action = collection === null ? create : update;
  const [trying, setTrying] = useState(false);
  const candidate = collection === null ? null : candidateOf(changesOf(collection, draft));
  if (trying && collection !== null && candidate !== null)
    return <TryDialog collection={collection} candidate={candidate} onClose={onClose} />;
  const done = () => {
    toast(t("common.saved"));
    onClose();
  };
  const save = () => {
    const changes = changesOf(collection, draft);
    if (collection !== null) update.mutate({ id: collection.id, changes }, { onSuccess: done });
    else create.mutate({ ...changes, name: draft.name.trim() }, { onSuccess: done });
  };
  return (
    <Dialog
      title={collection === null ? t("collections.create") : t("collections.edit", { name: collection.name })}
      onClose={onClose}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          label={t("collections.name")}
          required
          maxLength={200}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
        />
        <TextArea
          label={t("collections.description")}
          rows={2}
          maxLength={2000}
          value={draft.description}
          onChange={(event) => change({ description: event.target.value })}
        />
        <details open={collection !== null}>
          <summary className="text-sm font-medium text-muted hover:text-ink">{t("collections.settings")}</summary>
          <Settings draft={draft} change={change} collectionId={collection?.id ?? null} />
        </details>
        {rebuilds(collection, draft) && (
          <p role="status" className="rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">
            {t("collections.rebuildWarning")}
          </p>
        )}
        {action.error !== null && <ErrorNote error={action.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          {candidate !== null && (
            <Button icon={FlaskConical} onClick={() => setTrying(true)} className="me-auto">
              {t("evaluation.trial.tryFirst")}
            </Button>
          )}
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" weight="primary" busy={action.isPending}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface SettingsProps {
  draft: CollectionDraft;
  change: (part: Partial<CollectionDraft>) => void;
  /** null = it is still to be made. */
  collectionId: string | null;
}

function Settings({ draft, change, collectionId }: SettingsProps) {
  const { t } = useTranslation();
  const embedders = (useModels().data ?? []).filter((model) => model.role === "embedder").map((model) => model.name);
  const choices = [...new Set([...(draft.embedder === "" ? [] : [draft.embedder]), ...embedders])];
  const number = (key: "maxTokens" | "overlapTokens" | "passageCount", min: number, max: number) => (
    <TextField
      type="number"
      label={t(`collections.${key}`)}
      hint={t(`collections.hints.${key}`)}
      min={min}
      max={max}
      required
      value={draft[key]}
      onChange={(event) => change({ [key]: event.target.value })}
    />
  );
  return (
    <div className="mt-3 grid gap-4 sm:grid-cols-2">
      <SelectField
        label={t("collections.embedder")}
        value={draft.embedder}
        onChange={(event) => change({ embedder: event.target.value })}
        options={[
          ...(draft.embedder === "" ? [{ value: "", label: t("collections.defaultEmbedder") }] : []),
          ...choices.map((name) => ({ value: name, label: name })),
        ]}
      />
      <SelectField
        label={t("collections.language")}
        value={draft.language}
        onChange={(event) => change({ language: event.target.value as CollectionDraft["language"] })}
        options={LANGUAGES.map((value) => ({ value, label: t(`languages.${value}`) }))}
      />
      {number("maxTokens", 32, 480)}
      {number("overlapTokens", 0, 200)}
      <ChunkPreview draft={draft} collectionId={collectionId} />
      {number("passageCount", 1, 20)}
      <Slider
        label={t("collections.refusalThreshold")}
        hint={t("collections.hints.refusalThreshold")}
        value={draft.refusalThreshold}
        onChange={(value) => change({ refusalThreshold: value })}
      />
      {collectionId !== null && (
        <Link
          to="/admin/collections/$collectionId/refusals"
          params={{ collectionId }}
          className="-mt-2 text-sm font-medium text-accent hover:underline sm:col-span-2"
        >
          {t("refusals.seeCurve")}
        </Link>
      )}
      <div className="sm:col-span-2">
        <Slider
          label={t("collections.denseWeight")}
          hint={t("collections.hints.denseWeight")}
          value={draft.denseWeight}
          onChange={(value) => change({ denseWeight: value })}
        />
      </div>
      <PromptFields draft={draft} change={change} />
    </div>
  );
}
