/** Before and after of a run that tried settings, and the button that switches them on. */
import type { EvaluationDetail } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { CircleCheck, GitCompareArrows, Power } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isUnderWay, useEvaluation, useEvaluationComparison } from "../adaptation-queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { When } from "../ui/formatted.tsx";
import { Section, Skeleton } from "../ui/page.tsx";
import { toast } from "../ui/toast.tsx";
import { Differences } from "./difference-table.tsx";
import { useSwitchOn } from "./question-set-queries.ts";
import { SettingChanges } from "./setting-changes.tsx";
import { verdictOf } from "./trial.ts";

export function TrialPanel({ run, baselineId }: { run: EvaluationDetail; baselineId: string }) {
  const { t } = useTranslation();
  const baseline = useEvaluation(baselineId);
  if (baseline.error !== null)
    return (
      <Section title={t("evaluation.trial.beforeAfter")}>
        <p className="text-muted">{t("evaluation.trial.noBaseline")}</p>
        <SwitchOn run={run} verdict={null} />
      </Section>
    );
  if (baseline.data === undefined) return <Skeleton label={t("common.loading")} rows={3} />;
  return (
    <Section title={t("evaluation.trial.beforeAfter")}>
      {isUnderWay(baseline.data) ? (
        <p role="status" className="text-muted">
          {t("evaluation.trial.measuringBefore")}
        </p>
      ) : (
        <BeforeAndAfter run={run} baselineId={baselineId} />
      )}
    </Section>
  );
}

function BeforeAndAfter({ run, baselineId }: { run: EvaluationDetail; baselineId: string }) {
  const { t } = useTranslation();
  const comparison = useEvaluationComparison(baselineId, run.id);
  if (comparison.error !== null)
    return <ErrorNote error={comparison.error} onRetry={() => void comparison.refetch()} />;
  if (comparison.data === undefined) return <Skeleton label={t("common.loading")} rows={4} />;
  const verdict = verdictOf(comparison.data.differences);
  return (
    <>
      <p className="mb-4 font-serif text-lg" data-testid="trial-verdict" data-verdict={verdict}>
        {t(`evaluation.trial.verdicts.${verdict}`)}
      </p>
      <div className="mb-4">
        <SettingChanges before={comparison.data.before.setting} after={comparison.data.after.setting} />
      </div>
      <Differences comparison={comparison.data} />
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <SwitchOn run={run} verdict={verdict} />
        <Link
          to="/admin/evaluation/compare"
          search={{ before: baselineId, after: run.id }}
          className={buttonClass("secondary")}
        >
          <GitCompareArrows aria-hidden className="size-4" />
          {t("evaluation.trial.byQuestion")}
        </Link>
      </div>
    </>
  );
}

function SwitchOn({ run, verdict }: { run: EvaluationDetail; verdict: ReturnType<typeof verdictOf> | null }) {
  const { t } = useTranslation();
  const switchOn = useSwitchOn();
  const [asking, setAsking] = useState(false);
  if (run.switchedOnAt != null)
    return (
      <p className="inline-flex items-center gap-2 text-sm text-good">
        <CircleCheck aria-hidden className="size-4" />
        <span>{t("evaluation.trial.switchedOn")}</span>
        <When at={run.switchedOnAt} />
      </p>
    );
  if (run.status !== "succeeded") return null;
  return (
    <>
      <Button weight="primary" icon={Power} onClick={() => setAsking(true)}>
        {t("evaluation.trial.switchOn")}
      </Button>
      {asking && (
        <ConfirmDialog
          title={t("evaluation.trial.switchOnTitle")}
          body={t(`evaluation.trial.switchOnBody.${verdict ?? "same"}`)}
          confirmLabel={t("evaluation.trial.switchOn")}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await switchOn.mutateAsync(run.id);
            toast(t("evaluation.trial.switchedOn"));
          }}
        />
      )}
    </>
  );
}
