/** "42 new corrections: train?" One click takes them into a dataset and trains on it. */
import type { AutoTrainState } from "@lorekeep/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { MessageSquarePlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useTrainOnFeedback } from "../adaptation-queries.ts";
import { Button } from "../ui/button.tsx";
import { errorText } from "../ui/error-text.ts";
import { Notice } from "../ui/notice.tsx";
import { tooFewToJudge } from "./estimate-notes.ts";

type Waiting = AutoTrainState["waiting"][number];

export function NewFeedback({ waiting }: { waiting: Waiting }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const train = useTrainOnFeedback();
  const { collectionId, collectionName, datasetId, datasetName, count } = waiting;
  const begin = () =>
    train.mutate(
      { collection: collectionId, ...(datasetId === null ? {} : { dataset: datasetId }) },
      { onSuccess: (run) => void navigate({ to: "/admin/adapt/runs/$runId", params: { runId: run.id } }) },
    );
  return (
    <li data-testid="new-corrections">
      <Notice
        tone="accent"
        icon={MessageSquarePlus}
        title={t("adapt.attention.grown", { count, place: datasetName ?? collectionName })}
        action={
          <Button busy={train.isPending} onClick={begin}>
            {t("adapt.attention.train")}
          </Button>
        }
      >
        {datasetId === null ? (
          <p>{t("adapt.attention.makesDataset", { name: collectionName })}</p>
        ) : (
          <Link
            to="/admin/adapt/datasets/$datasetId"
            params={{ datasetId }}
            className="underline decoration-ink/30 underline-offset-2 hover:decoration-ink"
          >
            {t("adapt.attention.look", { name: datasetName ?? "" })}
          </Link>
        )}
        {train.error !== null && <WhyNot error={train.error} />}
      </Notice>
    </li>
  );
}

function WhyNot({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const { title, detail } = errorText(error, t);
  const few = tooFewToJudge(detail ?? "");
  return (
    <p role="alert" className="mt-1 text-danger">
      {few === null ? (detail ?? title) : t("adapt.attention.tooFew", few)}
    </p>
  );
}
