/** One training while it runs and after it: where it stands, its loss, the gate's report, and what can be done with it. */
import type { FineTune } from "@lorekeep/core";
import { Link, useParams } from "@tanstack/react-router";
import { CircleX, Pause, Play, Square } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAdapters, useFineTune, useSteerFineTune } from "../adaptation-queries.ts";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { codeText, errorText } from "../ui/error-text.ts";
import { Notice } from "../ui/notice.tsx";
import { Page, Section, Skeleton } from "../ui/page.tsx";
import { toast } from "../ui/toast.tsx";
import { baseLabel } from "./answering-now.ts";
import { BackLink } from "./back-link.tsx";
import { GateReport } from "./gate-report.tsx";
import { LossChart } from "./loss-chart.tsx";
import { RecipeUsed } from "./recipe-used.tsx";
import { RunOutcome } from "./run-outcome.tsx";
import { RunProgress } from "./run-progress.tsx";

export function RunPage() {
  const { t } = useTranslation();
  const { runId = "" } = useParams({ strict: false });
  const run = useFineTune(runId);
  const adapters = useAdapters(run.data?.adapterId != null);
  const back = <BackLink to="/admin/adapt" label={t("adapt.title")} />;
  if (run.data === undefined)
    return (
      <Page title={t("adapt.run.title")} above={back}>
        {run.error === null ? (
          <Skeleton label={t("common.loading")} rows={6} />
        ) : (
          <ErrorNote error={run.error} onRetry={() => void run.refetch()} />
        )}
      </Page>
    );
  const { data } = run;
  const adapter = adapters.data?.find(({ id }) => id === data.adapterId);
  return (
    <Page
      title={data.name}
      lead={
        <>
          <Link
            to="/admin/adapt/datasets/$datasetId"
            params={{ datasetId: data.datasetId }}
            className="underline decoration-ink/25 underline-offset-2 hover:text-ink hover:decoration-ink"
          >
            {data.datasetName}
          </Link>{" "}
          · {baseLabel(data.base)}
        </>
      }
      above={back}
      actions={<Steer run={data} />}
    >
      {data.error !== null && (
        <div className="mb-4">
          <Notice tone="danger" icon={CircleX} title={codeText(data.error.code, t)}>
            {data.error.detail}
          </Notice>
        </div>
      )}
      {data.gate !== null && <RunOutcome gate={data.gate} adapter={adapter} />}
      <RunProgress run={data} />
      {data.loss.length + data.validationLoss.length > 0 && (
        <Section title={t("adapt.run.loss")}>
          <LossChart run={data} />
        </Section>
      )}
      {data.gate !== null && <GateReport gate={data.gate} />}
      <Section title={t("adapt.run.recipe")}>
        <RecipeUsed run={data} adapter={adapter} />
      </Section>
    </Page>
  );
}

function Steer({ run }: { run: FineTune }) {
  const { t } = useTranslation();
  const steer = useSteerFineTune(run.id);
  const [asking, setAsking] = useState(false);
  const going = run.status === "running" || run.status === "queued";
  if (!going && run.status !== "paused") return null;
  const now = (what: "pause" | "resume") =>
    steer.mutate(what, { onError: (error) => toast(errorText(error, t).title) });
  return (
    <>
      {going ? (
        <Button icon={Pause} busy={steer.isPending} onClick={() => now("pause")}>
          {t("adapt.run.pause")}
        </Button>
      ) : (
        <Button weight="primary" icon={Play} busy={steer.isPending} onClick={() => now("resume")}>
          {t("adapt.run.resume")}
        </Button>
      )}
      <Button icon={Square} onClick={() => setAsking(true)}>
        {t("common.cancel")}
      </Button>
      {asking && (
        <ConfirmDialog
          danger
          title={t("adapt.run.cancelTitle")}
          body={t("adapt.run.cancelBody")}
          confirmLabel={t("adapt.run.cancelConfirm")}
          onClose={() => setAsking(false)}
          onConfirm={() => steer.mutateAsync("cancel")}
        />
      )}
    </>
  );
}
