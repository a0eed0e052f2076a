/** What wants doing: corrections that no training has seen, and adapters that learnt from documents deleted since. */
import type { Adapter, Dataset, FineTune } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { FileX2, MessageSquarePlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { adapterLabel } from "./answering-now.ts";

interface AttentionProps {
  datasets: readonly Dataset[];
  adapters: readonly Adapter[];
  runs: readonly FineTune[];
}

export function AttentionList({ datasets, adapters, runs }: AttentionProps) {
  const { t } = useTranslation();
  const grown = datasets.filter((dataset) => dataset.newSinceLastFineTune > 0);
  const stained = adapters.filter((adapter) => adapter.deletedDocuments.length > 0 && adapter.activeIn.length > 0);
  if (grown.length + stained.length === 0) return null;
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
      {grown.map((dataset) => (
        <li key={dataset.id} data-testid="new-corrections">
          <Notice
            tone="accent"
            icon={MessageSquarePlus}
            title={t("adapt.attention.grown", { count: dataset.newSinceLastFineTune })}
            action={<TrainLink dataset={dataset.id} label={t("adapt.attention.train")} />}
          >
            <Link
              to="/admin/adapt/datasets/$datasetId"
              params={{ datasetId: dataset.id }}
              className="underline decoration-ink/30 underline-offset-2 hover:decoration-ink"
            >
              {t("adapt.attention.look", { name: dataset.name })}
            </Link>
          </Notice>
        </li>
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
