import { JOB_STATUSES, type JobResponse } from "@lorekeep/core";
import { ListChecks, RotateCw, Square } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { jobEnded, useCancelJob, useJobs, useRetryJob } from "../queries.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { codeText, errorText } from "../ui/error-text.ts";
import { SelectField } from "../ui/field.tsx";
import { Duration, When } from "../ui/formatted.tsx";
import { Card, Empty, Page, Skeleton } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { Cell, Pager, Row, Table } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";

const TONES: Record<JobResponse["status"], Tone> = {
  queued: "neutral",
  scheduled: "neutral",
  delayed: "neutral",
  running: "accent",
  succeeded: "good",
  failed: "danger",
  dead: "danger",
  cancelled: "warn",
};
const KINDS = [
  "ingest-document",
  "delete-purge",
  "build-generation",
  "reindex",
  "draft-examples",
  "fine-tune",
  "evaluate",
  "refusal-curve",
] as const;

export function JobsPage() {
  const { t } = useTranslation();
  const [status, setStatus] = useState("");
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const jobs = useJobs({ status: status === "" ? undefined : status, cursor: cursors.at(-1) });
  const columns = ["kind", "status", "progress", "started"] as const;
  return (
    <Page
      title={t("jobs.title")}
      lead={t("jobs.lead")}
      actions={
        <div className="w-44">
          <SelectField
            hideLabel
            label={t("jobs.columns.status")}
            value={status}
            onChange={(event) => {
              setStatus(event.target.value);
              setCursors([]);
            }}
            options={[
              { value: "", label: t("documents.anyStatus") },
              ...JOB_STATUSES.map((value) => ({ value, label: t(`jobs.status.${value}`) })),
            ]}
          />
        </div>
      }
    >
      {jobs.error !== null ? (
        <ErrorNote error={jobs.error} onRetry={() => void jobs.refetch()} />
      ) : jobs.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={6} />
      ) : jobs.data.items.length === 0 ? (
        <Card>
          <Empty icon={ListChecks} title={t("jobs.none")} body={t("jobs.noneBody")} />
        </Card>
      ) : (
        <Card className="overflow-hidden">
          <Table
            label={t("jobs.title")}
            head={[
              ...columns.map((column) => t(`jobs.columns.${column}`)),
              <span key="actions" className="sr-only">
                {t("common.actions")}
              </span>,
            ]}
          >
            {jobs.data.items.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </Table>
        </Card>
      )}
      <Pager cursors={cursors} nextCursor={jobs.data?.nextCursor ?? null} onTurn={setCursors} />
    </Page>
  );
}

function JobRow({ job }: { job: JobResponse }) {
  const { t } = useTranslation();
  const known = KINDS.find((kind) => kind === job.kind);
  return (
    <Row data-testid="job-row" data-status={job.status}>
      <Cell wide>
        <span className="font-medium">{known === undefined ? job.kind : t(`jobs.kinds.${known}`)}</span>
        {job.subject?.name !== undefined && <span className="block break-words text-muted">{job.subject.name}</span>}
        {job.error !== null && (
          <span className="mt-1 block max-w-md text-[13px]">
            <span className="block text-danger">{codeText(job.error.code, t)}</span>
            <span className="block break-words text-muted">{job.error.detail}</span>
          </span>
        )}
      </Cell>
      <Cell name={t("jobs.columns.status")}>
        <Badge tone={TONES[job.status]} pulse={job.status === "running"}>
          {t(`jobs.status.${job.status}`)}
        </Badge>
        {job.attempt > 1 && (
          <span className="block pt-1 text-xs text-muted">
            {t("jobs.attempt", { attempt: job.attempt, max: job.maxAttempts })}
          </span>
        )}
      </Cell>
      <Cell name={t("jobs.columns.progress")}>
        <JobProgress job={job} />
      </Cell>
      <Cell name={t("jobs.columns.started")}>
        <span className="text-muted">
          <When at={job.startedAt ?? job.runAt} />
        </span>
      </Cell>
      <Cell end>
        <JobAction job={job} />
      </Cell>
    </Row>
  );
}

function JobProgress({ job }: { job: JobResponse }) {
  const { t } = useTranslation();
  const { done, total, note } = job.progress;
  if (job.status === "running")
    return (
      <span className="block min-w-28">
        <ProgressBar
          label={t("jobs.progressOf", { kind: job.kind })}
          value={total === null || total === 0 ? null : done / total}
        />
        <span className="mt-1 block text-[13px] text-muted">
          {[total === null ? null : `${done} / ${total}`, note].filter((part) => part !== null).join(" · ")}
        </span>
      </span>
    );
  if (job.startedAt !== null && job.endedAt !== null)
    return (
      <span className="text-muted">
        <Duration ms={Date.parse(job.endedAt) - Date.parse(job.startedAt)} />
      </span>
    );
  return <span className="text-faint">–</span>;
}

function JobAction({ job }: { job: JobResponse }) {
  const { t } = useTranslation();
  const cancel = useCancelJob();
  const retry = useRetryJob();
  const onError = (error: unknown) => toast(errorText(error, t).title);
  if (!jobEnded(job))
    return (
      <Button size="sm" icon={Square} busy={cancel.isPending} onClick={() => cancel.mutate(job.id, { onError })}>
        {t("common.cancel")}
      </Button>
    );
  if (job.status === "succeeded") return null;
  return (
    <Button size="sm" icon={RotateCw} busy={retry.isPending} onClick={() => retry.mutate(job.id, { onError })}>
      {t("common.retry")}
    </Button>
  );
}
