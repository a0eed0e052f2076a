/** Whether all is well, in one look: health, counts, models, and what needs attention. */
import { DOCUMENT_STATUSES } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useOverview, useReadiness, useSession } from "../queries.ts";
import { ErrorNote } from "../ui/error-note.tsx";
import { Count } from "../ui/formatted.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { ModelState } from "./model-state.tsx";

export function OverviewPage() {
  const { t } = useTranslation();
  const overview = useOverview();
  const version = useSession().data?.version;
  return (
    <Page title={t("overview.title")} lead={version === undefined ? undefined : t("overview.version", { version })}>
      <Health />
      {overview.error !== null ? (
        <div className="mt-4">
          <ErrorNote error={overview.error} onRetry={() => void overview.refetch()} />
        </div>
      ) : overview.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={6} />
      ) : (
        <>
          <div className="mt-5 grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Figure to="/admin/documents" label={t("overview.documents")} value={sum(overview.data.documents)}>
              {DOCUMENT_STATUSES.filter((status) => status !== "ready" && (overview.data.documents[status] ?? 0) > 0)
                .map((status) => `${overview.data.documents[status]} ${t(`documents.status.${status}`)}`)
                .join(" · ")}
            </Figure>
            <Figure to="/admin/collections" label={t("overview.collections")} value={overview.data.collections} />
            <Figure to="/admin/documents" label={t("overview.chunks")} value={overview.data.chunks} />
            <Figure to="/admin/jobs" label={t("overview.running")} value={waiting(overview.data.jobs)}>
              {(overview.data.jobs["dead"] ?? 0) + (overview.data.jobs["failed"] ?? 0) > 0 &&
                t("overview.failedJobs", {
                  count: (overview.data.jobs["dead"] ?? 0) + (overview.data.jobs["failed"] ?? 0),
                })}
            </Figure>
          </div>
          <Section title={t("overview.models")}>
            <Card className="divide-y divide-line">
              {overview.data.models
                .filter((model) => model.inUse)
                .map((model) => (
                  <div
                    key={`${model.role}-${model.name}`}
                    className="flex flex-wrap items-center gap-3 px-5 py-3.5 text-sm"
                  >
                    <span className="w-28 text-muted">{t(`models.roles.${model.role}`)}</span>
                    <span className="min-w-0 flex-1 font-medium break-words">{model.name}</span>
                    <ModelState model={model} />
                  </div>
                ))}
            </Card>
          </Section>
        </>
      )}
    </Page>
  );
}

const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0);
const waiting = (jobs: Readonly<Record<string, number>>) => (jobs["running"] ?? 0) + (jobs["queued"] ?? 0);

function Health() {
  const { t } = useTranslation();
  const readiness = useReadiness();
  if (readiness.isPending) return null;
  const failing = Object.entries(readiness.data?.checks ?? {}).filter(([, good]) => !good);
  const good = readiness.data?.ready === true;
  const Icon = good ? CircleCheck : CircleAlert;
  return (
    <div
      role="status"
      className={`flex items-start gap-3 rounded-2xl px-5 py-4 ${good ? "bg-good-soft text-good" : "bg-warn-soft text-warn"}`}
    >
      <Icon aria-hidden className="mt-0.5 size-5 shrink-0" />
      <div>
        <p className="font-medium">{good ? t("overview.healthy") : t("overview.unhealthy")}</p>
        {failing.length > 0 && (
          <p className="text-sm">{t("overview.failing", { names: failing.map(([name]) => name).join(", ") })}</p>
        )}
      </div>
    </div>
  );
}

interface FigureProps {
  to: "/admin/documents" | "/admin/collections" | "/admin/jobs";
  label: string;
  value: number;
  children?: ReactNode;
}

function Figure({ to, label, value, children }: FigureProps) {
  return (
    <Link
      to={to}
      className="flex min-h-28 flex-col rounded-2xl border border-line bg-surface p-5 shadow-card transition-colors hover:border-accent"
    >
      <span className="text-sm text-muted">{label}</span>
      <span className="mt-1 font-serif text-3xl font-semibold">
        <Count value={value} />
      </span>
      {children !== undefined && <span className="mt-auto pt-1 text-[13px] text-muted">{children}</span>}
    </Link>
  );
}
