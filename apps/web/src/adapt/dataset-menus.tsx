/** What one can do with a whole dataset: add to it, take it elsewhere, delete it. */
import type { Dataset, DraftExamplesRequest } from "@lorekeep/core";
import { useNavigate } from "@tanstack/react-router";
import { Download, Ellipsis, FileText, MessageSquareText, ShieldQuestion, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { datasetExportUrl, useDeleteDataset, useDraftExamples } from "../adaptation-queries.ts";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/error-text.ts";
import { Menu } from "../ui/menu.tsx";
import { toast } from "../ui/toast.tsx";

const FORMATS = ["jsonl", "peft", "llama-factory", "unsloth"] as const;
const WAYS = [
  { from: "documents", icon: FileText },
  { from: "feedback", icon: MessageSquareText },
  { from: "unanswerable", icon: ShieldQuestion },
] as const;

export function DatasetMenus({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const draft = useDraftExamples();
  const remove = useDeleteDataset();
  const [asking, setAsking] = useState(false);
  const add = (from: DraftExamplesRequest["from"][number]) =>
    draft.mutate(
      { id: dataset.id, request: { from: [from] } },
      {
        onSuccess: (job) => void navigate({ to: ".", search: { job: job.id }, replace: true }),
        onError: (error) => toast(errorText(error, t).detail ?? errorText(error, t).title),
      },
    );
  return (
    <>
      <Menu
        small={false}
        label={t("adapt.datasets.export")}
        icon={Download}
        items={FORMATS.map((format) => ({
          label: t(`adapt.datasets.formats.${format}`),
          icon: Download,
          onSelect: () => location.assign(datasetExportUrl(dataset.id, format)),
        }))}
      />
      <Menu
        small={false}
        label={t("documents.menu", { name: dataset.name })}
        icon={Ellipsis}
        items={[
          ...WAYS.map(({ from, icon }) => ({
            label: t(`adapt.datasets.add.${from}`),
            icon,
            disabled: dataset.collectionId === null,
            onSelect: () => add(from),
          })),
          { label: t("common.delete"), icon: Trash2, danger: true, onSelect: () => setAsking(true) },
        ]}
      />
      {asking && (
        <ConfirmDialog
          danger
          title={t("adapt.datasets.deleteTitle")}
          body={t("adapt.datasets.deleteBody", { name: dataset.name, count: dataset.exampleCount })}
          confirmLabel={t("common.delete")}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await remove.mutateAsync(dataset.id);
            toast(t("documents.deleted", { name: dataset.name }));
            void navigate({ to: "/admin/adapt/datasets" });
          }}
        />
      )}
    </>
  );
}
