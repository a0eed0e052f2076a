/** What wants doing: corrections that no training has seen, and adapters that learnt from documents deleted since. */
import type { Adapter, AutoTrainState, FineTune } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { FileX2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { adapterLabel } from "./answering-now.ts";
import { NewFeedback } from "./new-feedback.tsx";

interface AttentionProps {
  waiting: AutoTrainState["waiting"];
  adapters: readonly Adapter[];
  runs: readonly FineTune[];
}

export function AttentionList({ waiting, adapters, runs }: AttentionProps) {
  const { t } = useTranslation();
  const stained = adapters.filter((adapter) => adapter.deletedDocuments.length > 0 && adapter.activeIn.length > 0);
  if (waiting.length + stained.length === 0) return null;
  return (
    <ul aria-label={t("adapt.attention.title")} className="flex flex-col gap-3">
      {stained.map((adapter) => (
        <li key={adapter.id} data-testid="deleted-documents">
          <Notice
            tone="warn"
            icon={FileX2}
            title={t("adapt.attention.deleted", {
              count: adapter.deletedDocuments.length,
              adapter: adapterLabel(adapter),
            })}
            action={<TrainLink dataset={datasetOf(adapter, runs)} label={t("adapt.attention.retrain")} />}
          >
            {t("adapt.attention.deletedBody")}
          </Notice>
        </li>
      ))}
      {waiting.map((each) => (
        <NewFeedback key={`${each.collectionId} ${each.datasetId}`} waiting={each} />
      ))}
    </ul>
  );
}

const datasetOf = (adapter: Adapter, runs: readonly FineTune[]) =>
  runs.find((run) => run.id === adapter.fineTuneId)?.datasetId;

function TrainLink({ dataset, label }: { dataset: string | undefined; label: string }) {
  return (
    <Link
      to="/admin/adapt/train"
      search={dataset === undefined ? {} : { dataset }}
      className={buttonClass("secondary")}
    >
      {label}
    </Link>
  );
}
