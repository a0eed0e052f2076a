/** A change of settings is asked a question set before it is switched on; what serves now is asked the same beside it. */
import type { CollectionResponse, EvaluationCandidate } from "@lorekeep/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStartEvaluation } from "../adaptation-queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Checkbox, SelectField } from "../ui/field.tsx";
import { LimitField } from "./limit-field.tsx";
import { useQuestionSets } from "./question-set-queries.ts";
import { useReadableSetting } from "./use-readable-setting.ts";

interface TryProps {
  collection: CollectionResponse;
  candidate: EvaluationCandidate;
  onClose: () => void;
}

export function TryDialog({ collection, candidate, onClose }: TryProps) {
  const { t } = useTranslation();
  const sets = useQuestionSets().data?.filter(({ collectionId }) => collectionId === collection.id);
  return (
    <Dialog title={t("evaluation.trial.title")} onClose={onClose}>
      {sets?.length === 0 ? (
        <>
          <p className="text-muted">{t("evaluation.trial.noSets", { name: collection.name })}</p>
          <p className="mt-5 text-end">
            <Link to="/admin/evaluation/sets" className={buttonClass("primary")}>
              {t("evaluation.sets.create")}
            </Link>
          </p>
        </>
      ) : (
        sets && <TryForm sets={sets} collection={collection} candidate={candidate} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface Draft {
  readonly set: string;
  readonly limit: string;
  readonly answers: boolean;
}
const requestOf = ({ set, limit, answers }: Draft) => ({ dataset: set, limit: Number(limit), answers });

function TryForm({
  sets,
  collection,
  candidate,
  onClose,
}: TryProps & { sets: readonly { id: string; name: string }[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const start = useStartEvaluation();
  const [draft, setDraft] = useState<Draft>({ set: sets[0]?.id ?? "", limit: "200", answers: true });
  const rebuilds = candidate.embedder !== undefined || candidate.chunking !== undefined;
  const send = () =>
    start.mutate(
      { ...requestOf(draft), collection: collection.id, candidate },
      {
        onSuccess: (run) => {
          onClose();
          void navigate({ to: "/admin/evaluation/$evaluationId", params: { evaluationId: run.id } });
        },
      },
    );
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <p className="text-sm text-muted">{t("evaluation.trial.lead")}</p>
      <Tried candidate={candidate} collection={collection} />
      <TryFields sets={sets} draft={draft} change={(part) => setDraft({ ...draft, ...part })} />
      {rebuilds && (
        <p className="rounded-xl bg-sunk px-4 py-3 text-sm text-muted">{t("evaluation.trial.buildsBeside")}</p>
      )}
      {candidate.retrieval?.prompt !== undefined && (
        <p className="rounded-xl bg-sunk px-4 py-3 text-sm text-muted">{t("evaluation.prompt.onlyWritten")}</p>
      )}
      {start.error !== null && <ErrorNote error={start.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" weight="primary" busy={start.isPending}>
          {t("evaluation.trial.start")}
        </Button>
      </div>
    </form>
  );
}

interface FieldsProps {
  sets: readonly { id: string; name: string }[];
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

function TryFields({ sets, draft, change }: FieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={t("evaluation.questionSet")}
          value={draft.set}
          onChange={(event) => change({ set: event.target.value })}
          options={sets.map(({ id, name }) => ({ value: id, label: name }))}
        />
        <LimitField limit={draft.limit} change={change} />
      </div>
      <div className="-my-2">
        <Checkbox
          label={t("evaluation.withAnswers")}
          hint={t("evaluation.withAnswersHint")}
          checked={draft.answers}
          onChange={(event) => change({ answers: event.target.checked })}
        />
      </div>
    </>
  );
}

/** What would change, as the run's page says it. */
function Tried({ candidate, collection }: Pick<TryProps, "candidate" | "collection">) {
  const { t } = useTranslation();
  const { nameOf, read } = useReadableSetting();
  const { embedder, chunking } = candidate;
  const { prompt, ...search } = candidate.retrieval ?? {};
  const { prompt: _prompt, ...serving } = collection.retrieval;
  const after = read({
    ...(embedder === undefined ? {} : { embedder }),
    ...(chunking === undefined ? {} : { chunking: { ...collection.chunking, ...chunking } }),
    ...(Object.keys(search).length === 0 ? {} : { retrieval: { ...serving, ...search } }),
    ...(prompt === undefined ? {} : { prompt: prompt?.version ?? t("evaluation.prompt.shippedOne") }),
    ...(prompt?.instructions === undefined ? {} : { instructions: prompt.instructions }),
    ...(prompt?.examples === undefined ? {} : { examples: prompt.examples }),
  });
  return (
    <dl className="grid gap-x-6 gap-y-1 rounded-xl bg-sunk px-4 py-3 text-sm sm:grid-cols-[8rem_minmax(0,1fr)]">
      {Object.entries(after).map(([key, value]) => (
        <div key={key} className="contents">
          <dt className="text-muted">{nameOf(key)}</dt>
          <dd className="break-words">{String(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
