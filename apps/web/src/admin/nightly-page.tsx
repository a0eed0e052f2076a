/** The nightly run: when, in which time zone, on or off; run it now; and what the last run did. */
import { reindexReportSchema, type ScheduleResponse } from "@lorekeep/core";
import { Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { jobEnded, useJob, useReindex, useSaveSchedule, useSchedule } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField, Switch, TextField } from "../ui/field.tsx";
import { formatDateTime } from "../ui/formatted.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { toast } from "../ui/toast.tsx";
import { PRESETS, readPlan, timeZones, writeCron, type Plan } from "./cron.ts";
import { NightlyReport } from "./nightly-report.tsx";

/** The parts of a run, as its progress notes name them. */
const STEPS = {
  folders: "folders",
  documents: "documents",
  waiting: "waiting",
  purge: "purge",
  indexes: "indexes",
  database: "database",
  "refusal curves": "curves",
  training: "training",
} as const;
const isStep = (note: string | null): note is keyof typeof STEPS => note !== null && note in STEPS;

export function NightlyPage() {
  const { t } = useTranslation();
  const schedule = useSchedule();
  const reindex = useReindex();
  const [jobId, setJobId] = useState<string | null>(null);
  return (
    <Page
      title={t("nightly.title")}
      lead={t("nightly.lead")}
      actions={
        <Button
          icon={Play}
          busy={reindex.isPending}
          onClick={() => reindex.mutate(undefined, { onSuccess: (job) => setJobId(job.id) })}
        >
          {t("nightly.runNow")}
        </Button>
      }
    >
      {reindex.error !== null && <ErrorNote error={reindex.error} />}
      {jobId !== null && <RunNow key={jobId} jobId={jobId} onEnded={() => void schedule.refetch()} />}
      {schedule.error !== null ? (
        <ErrorNote error={schedule.error} onRetry={() => void schedule.refetch()} />
      ) : schedule.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={5} />
      ) : (
        <>
          <ScheduleForm key={`${schedule.data.cron}${schedule.data.timezone}`} schedule={schedule.data} />
          <LastReport report={schedule.data.lastReport} />
        </>
      )}
    </Page>
  );
}

function RunNow({ jobId, onEnded }: { jobId: string; onEnded: () => void }) {
  const { t } = useTranslation();
  const job = useJob(jobId).data;
  const [told, setTold] = useState(false);
  if (job !== undefined && jobEnded(job) && !told) {
    setTold(true);
    queueMicrotask(onEnded);
  }
  const { done, total, note } = job?.progress ?? { done: 0, total: null, note: null };
  const step = isStep(note) ? STEPS[note] : undefined;
  return (
    <Card className="mb-6 p-5">
      <p role="status" data-testid="run-now" data-status={job?.status ?? "queued"} className="mb-2 text-sm">
        {t(`jobs.status.${job?.status ?? "queued"}`)}
        {step !== undefined && <span className="text-muted"> · {t(`nightly.steps.${step}`)}</span>}
      </p>
      <ProgressBar
        label={t("nightly.title")}
        value={job !== undefined && jobEnded(job) ? 1 : total === null || total === 0 ? null : done / total}
      />
      {job?.error != null && <p className="mt-2 text-sm text-danger">{job.error.detail}</p>}
    </Card>
  );
}

function ScheduleForm({ schedule }: { schedule: ScheduleResponse }) {
  const { t, i18n } = useTranslation();
  const save = useSaveSchedule();
  const [plan, setPlan] = useState(() => readPlan(schedule.cron));
  const [timezone, setTimezone] = useState(schedule.timezone);
  const [enabled, setEnabled] = useState(schedule.enabled);
  const change = (part: Partial<Plan>) => setPlan({ ...plan, ...part });
  const weekday = new Intl.DateTimeFormat(i18n.language, { weekday: "long", timeZone: "UTC" });
  // 2023-01-01 was a Sunday.
  const weekdays = Array.from({ length: 7 }, (_, day) => ({
    value: String(day),
    label: weekday.format(new Date(Date.UTC(2023, 0, 1 + day))),
  }));
  return (
    <Card className="p-5 sm:p-6">
      <form
        aria-label={t("nightly.schedule")}
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ cron: writeCron(plan), timezone, enabled }, { onSuccess: () => toast(t("common.saved")) });
        }}
      >
        <Switch label={t("nightly.enabled")} checked={enabled} onChange={(event) => setEnabled(event.target.checked)} />
        <div className="grid gap-4 sm:grid-cols-3">
          <SelectField
            label={t("nightly.how")}
            value={plan.preset}
            onChange={(event) =>
              change({ preset: PRESETS.find((name) => name === event.target.value) ?? "custom", cron: writeCron(plan) })
            }
            options={PRESETS.map((value) => ({ value, label: t(`nightly.presets.${value}`) }))}
          />
          {plan.preset === "custom" ? (
            <TextField
              label={t("nightly.cron")}
              hint={t("nightly.cronHint")}
              required
              spellCheck={false}
              className="font-mono"
              value={plan.cron}
              onChange={(event) => change({ cron: event.target.value })}
            />
          ) : (
            <TextField
              type="time"
              label={t("nightly.time")}
              required
              value={plan.time}
              onChange={(event) => change({ time: event.target.value })}
            />
          )}
          {plan.preset === "weekly" && (
            <SelectField
              label={t("nightly.weekday")}
              value={String(plan.weekday)}
              onChange={(event) => change({ weekday: Number(event.target.value) })}
              options={weekdays}
            />
          )}
          <SelectField
            label={t("nightly.timezone")}
            value={timezone}
            onChange={(event) => setTimezone(event.target.value)}
            options={timeZones(timezone).map((value) => ({ value, label: value.replaceAll("_", " ") }))}
          />
        </div>
        {save.error !== null && <ErrorNote error={save.error} />}
        <div className="flex flex-wrap items-center justify-between gap-4">
          <p className="text-sm text-muted" data-testid="next-run">
            {schedule.enabled && schedule.nextDueAt !== null
              ? t("nightly.next", { time: formatDateTime(schedule.nextDueAt, i18n.language, schedule.timezone) })
              : t("nightly.off")}
          </p>
          <Button type="submit" weight="primary" busy={save.isPending}>
            {t("common.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function LastReport({ report }: { report: unknown }) {
  const { t } = useTranslation();
  const parsed = reindexReportSchema.safeParse(report);
  return (
    <Section title={t("nightly.lastReport")}>
      {parsed.success ? <NightlyReport report={parsed.data} /> : <p className="text-muted">{t("nightly.noReport")}</p>}
    </Section>
  );
}
