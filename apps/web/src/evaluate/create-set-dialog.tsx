/** A question set out of a file, out of rated answers, or out of the documents themselves. */
import { useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCollections } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { errorText } from "../ui/error-text.ts";
import { Checkbox, SelectField, TextField } from "../ui/field.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { toast } from "../ui/toast.tsx";
import { LimitField } from "./limit-field.tsx";
import { useCreateQuestionSet, useDraftQuestions } from "./question-set-queries.ts";

const WAYS = ["documents", "feedback", "file"] as const;

interface Draft {
  readonly way: (typeof WAYS)[number];
  readonly file: File | null;
  readonly name: string;
  readonly collection: string;
  readonly unanswerable: boolean;
  readonly limit: string;
}
const EMPTY: Draft = { way: "documents", file: null, name: "", collection: "", unanswerable: true, limit: "100" };

interface PartProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

export function CreateSetDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const collections = useCollections().data ?? [];
  const create = useCreateQuestionSet();
  const drafting = useDraftQuestions();
  const [chosen, setChosen] = useState(EMPTY);
  const place = collections.find(({ id }) => id === chosen.collection) ?? collections[0];
  const draft = { ...chosen, collection: place?.id ?? "" };
  const suggested = draft.way === "file" ? (draft.file?.name.replace(/\.[^.]+$/, "") ?? "") : (place?.name ?? "");
  const name = draft.name.trim() === "" ? suggested : draft.name.trim();
  const make = async () => {
    const { collection, file } = draft;
    const set = await create.mutateAsync(
      file !== null && draft.way === "file" ? { file, name, collection } : { name, collection },
    );
    const from = [
      ...(draft.way === "file" ? [] : [draft.way]),
      ...(draft.unanswerable ? (["unanswerable"] as const) : []),
    ];
    const request = { from, limit: Number(draft.limit) };
    // The set is there by now: to fill in the form again would make a second one, and its page can draft too.
    const say = (error: unknown) => {
      toast(errorText(error, t).title);
      return null;
    };
    const job = from.length === 0 ? null : await drafting.mutateAsync({ id: set.id, request }).catch(say);
    onClose();
    await navigate({
      to: "/admin/evaluation/sets/$setId",
      params: { setId: set.id },
      search: job === null ? {} : { job: job.id },
    });
  };
  const isReady = name !== "" && draft.collection !== "" && (draft.way !== "file" || draft.file !== null);
  return (
    <Dialog title={t("evaluation.sets.create")} onClose={onClose}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          // What fails is shown from the mutation.
          make().catch(() => undefined);
        }}
      >
        <Fields
          draft={draft}
          change={(part) => setChosen({ ...chosen, ...part })}
          suggested={suggested}
          collections={collections}
        />
        {create.error !== null && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" weight="primary" disabled={!isReady} busy={create.isPending || drafting.isPending}>
            {t("evaluation.sets.confirm")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface FieldsProps extends PartProps {
  suggested: string;
  collections: readonly { id: string; name: string }[];
}

function Fields({ draft, change, suggested, collections }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div>
        <Segmented
          label={t("evaluation.sets.way")}
          value={draft.way}
          onChange={(way) => change({ way })}
          segments={WAYS.map((value) => ({ value, label: t(`evaluation.sets.ways.${value}`) }))}
        />
        <p className="mt-2 text-sm text-muted">{t(`evaluation.sets.wayHints.${draft.way}`)}</p>
      </div>
      {draft.way === "file" && <FileField draft={draft} change={change} />}
      <SelectField
        label={t("documents.collection")}
        value={draft.collection}
        onChange={(event) => change({ collection: event.target.value })}
        options={collections.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={t("evaluation.sets.name")}
          maxLength={200}
          value={draft.name}
          placeholder={suggested}
          onChange={(event) => change({ name: event.target.value })}
        />
        {draft.way !== "file" && <LimitField limit={draft.limit} change={change} />}
      </div>
      <div className="-my-2">
        <Checkbox
          label={t("evaluation.sets.unanswerable")}
          hint={t("evaluation.sets.unanswerableHint")}
          checked={draft.unanswerable}
          onChange={(event) => change({ unanswerable: event.target.checked })}
        />
      </div>
    </>
  );
}

function FileField({ draft, change }: PartProps) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const sample = [t("evaluation.sets.sample.head"), t("evaluation.sets.sample.row"), t("evaluation.sets.sample.none")];
  return (
    <div className="rounded-xl border-2 border-dashed border-line-strong/50 px-5 py-4">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-40 flex-1 text-sm break-words">
          {draft.file === null ? (
            <span className="text-muted">{t("evaluation.sets.fileHint")}</span>
          ) : (
            <span className="font-medium">{draft.file.name}</span>
          )}
        </p>
        <Button size="sm" icon={FileUp} onClick={() => input.current?.click()}>
          {t("adapt.create.choose")}
        </Button>
      </div>
      <input
        ref={input}
        type="file"
        hidden
        data-testid="question-file"
        accept=".jsonl,.ndjson,.csv,.tsv"
        onChange={(event) => change({ file: event.target.files?.[0] ?? null })}
      />
      <pre tabIndex={0} className="mt-3 overflow-x-auto rounded-lg bg-sunk p-3 font-mono text-xs leading-5 text-muted">
        {sample.join("\n")}
      </pre>
    </div>
  );
}
