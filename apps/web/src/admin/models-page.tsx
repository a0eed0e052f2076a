import type { ModelStatus } from "@lorekeep/core";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useModels, usePullModel } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { formatBytes, Size } from "../ui/formatted.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { ModelState } from "./model-state.tsx";

const ROLES = ["generator", "embedder"] as const;

export function ModelsPage() {
  const { t } = useTranslation();
  const models = useModels();
  return (
    <Page title={t("models.title")} lead={t("models.lead")}>
      {models.error !== null ? (
        <ErrorNote error={models.error} onRetry={() => void models.refetch()} />
      ) : models.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={6} />
      ) : (
        ROLES.map((role) => (
          <Section key={role} title={t(`models.roles.${role}`)}>
            <p className="-mt-2 mb-3 text-sm text-muted">{t(`models.roleHints.${role}`)}</p>
            <Card>
              <ul className="divide-y divide-line">
                {models.data
                  .filter((model) => model.role === role)
                  .map((model) => (
                    <ModelEntry key={model.name} model={model} />
                  ))}
              </ul>
            </Card>
          </Section>
        ))
      )}
    </Page>
  );
}

function ModelEntry({ model }: { model: ModelStatus }) {
  const { t } = useTranslation();
  const pull = usePullModel();
  const missing = model.state === "missing" || model.state === "failed";
  return (
    <li data-testid="model" data-state={model.state} className="px-5 py-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-52 flex-1">
          <p className="flex flex-wrap items-center gap-2 font-medium">
            <span className="break-all">{model.name}</span>
            {model.inUse && <Badge tone="accent">{t("models.inUse")}</Badge>}
          </p>
          <p className="mt-0.5 text-[13px] text-muted">
            {model.sizeBytes > 0 && (
              <>
                <Size bytes={model.sizeBytes} /> ·{" "}
              </>
            )}
            {model.licence} · {model.languages}
          </p>
        </div>
        <ModelState model={model} />
        {missing && (
          <Button size="sm" icon={Download} busy={pull.isPending} onClick={() => pull.mutate(model.name)}>
            {t("models.pull")}
          </Button>
        )}
      </div>
      {model.progress !== null && <PullProgress model={model} progress={model.progress} />}
      {model.detail !== null && (
        <p className={`mt-2 text-[13px] ${model.state === "failed" ? "text-danger" : "text-muted"}`}>{model.detail}</p>
      )}
      {pull.error !== null && (
        <div className="mt-3">
          <ErrorNote error={pull.error} />
        </div>
      )}
    </li>
  );
}

function PullProgress({ model, progress }: { model: ModelStatus; progress: NonNullable<ModelStatus["progress"]> }) {
  const { t, i18n } = useTranslation();
  const { doneBytes, totalBytes, bytesPerSecond } = progress;
  const bytes = (value: number) => formatBytes(value, i18n.language);
  return (
    <div className="mt-3">
      <ProgressBar value={totalBytes === null ? null : doneBytes / totalBytes} label={model.name} />
      <p className="mt-1 text-[13px] text-muted tabular-nums">
        {bytes(doneBytes)}
        {totalBytes !== null && ` / ${bytes(totalBytes)}`} · {t("models.perSecond", { rate: bytes(bytesPerSecond) })}
      </p>
    </div>
  );
}
