/** How fresh the curve is, and making it: a first time, again, in progress, cancelled, or not possible and why. */
import { refusalCurveOutcomeSchema, type JobResponse, type RefusalCurveState } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Gauge, History, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useCancelMeasuring, useMeasureRefusals } from "../collection-queries.ts";
import { jobEnded } from "../queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { When } from "../ui/formatted.tsx";
import { Notice } from "../ui/notice.tsx";
import { Card, Empty } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";

export function RefusalRun({ state, documentCount }: { state: RefusalCurveState; documentCount: number }) {
  const { t } = useTranslation();
  const measure = useMeasureRefusals();
  const { job, curve, collectionId } = state;
  const start = (weight: "primary" | "secondary") => (
    <Button
      weight={weight}
      icon={Gauge}
      disabled={documentCount === 0}
      busy={measure.isPending}
      onClick={() => measure.mutate(collectionId)}
    >
      {curve === null ? t("refusals.measure") : t("refusals.again")}
    </Button>
  );
  const running = job !== null && !jobEnded(job);
  return (
    <div className="mb-5 flex flex-col gap-3">
      {measure.error !== null && <ErrorNote error={measure.error} />}
      {job !== null && !running && <Outcome job={job} measured={curve !== null} />}
      {running ? (
        <Running job={job} />
      ) : curve === null ? (
        <Card>
          <Empty
            icon={Gauge}
            title={t("refusals.none")}
            body={documentCount === 0 ? t("refusals.empty") : t("refusals.noneBody")}
            action={start("primary")}
          />
        </Card>
      ) : (
        <Freshness state={state} action={start(state.stale === null ? "secondary" : "primary")} />
      )}
    </div>
  );
}

function Freshness({ state, action }: { state: RefusalCurveState; action: ReactNode }) {
  const { t } = useTranslation();
  const { curve, stale, changedDocuments } = state;
  if (curve === null) return null;
  if (stale !== null)
    return (
      <div data-testid="refusal-stale">
        <Notice tone="warn" icon={History} title={t(`refusals.stale.${stale}`)} action={action}>
          {changedDocuments > 0 && `${t("refusals.staleBody", { count: changedDocuments })} `}
          {t("refusals.measured")}: <When at={curve.madeAt} />
        </Notice>
      </div>
    );
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="text-sm text-muted">
        {t("refusals.measured")}: <When at={curve.madeAt} />
      </p>
      {action}
    </div>
  );
}

function Running({ job }: { job: JobResponse }) {
  const { t, i18n } = useTranslation();
  const cancel = useCancelMeasuring();
  const { done, total } = job.progress;
  const text = total === null ? t("refusals.gathering") : t("refusals.measuring");
  return (
    <Card className="p-5">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <p role="status" className="text-sm font-medium">
          {text}{" "}
          {total !== null && (
            <span className="font-normal text-muted tabular-nums">
              {done.toLocaleString(i18n.language)} / {total.toLocaleString(i18n.language)}
            </span>
          )}
        </p>
        <Button size="sm" busy={cancel.isPending} onClick={() => cancel.mutate(job.id)}>
          {t("refusals.cancel")}
        </Button>
      </div>
      <ProgressBar label={text} value={total === null ? null : done / Math.max(1, total)} />
    </Card>
  );
}

/** What the last run ended with, when that is not a new curve. */
function Outcome({ job, measured }: { job: JobResponse; measured: boolean }) {
  const { t } = useTranslation();
  if (job.status === "failed" || job.status === "dead")
    return (
      <Notice tone="danger" icon={TriangleAlert} title={t("refusals.failed", { detail: job.error?.detail ?? "" })} />
    );
  const result = refusalCurveOutcomeSchema.safeParse(job.result);
  if (!result.success || result.data.outcome !== "too_few" || measured) return null;
  const { answerable, unanswerable } = result.data;
  return (
    <Notice
      tone="warn"
      icon={TriangleAlert}
      title={t("refusals.tooFew")}
      action={
        <Link to="/admin/evaluation/sets" className={buttonClass("secondary", "sm")}>
          {t("refusals.sets")}
        </Link>
      }
    >
      {t("refusals.tooFewBody", { answerable, unanswerable })}
    </Notice>
  );
}
