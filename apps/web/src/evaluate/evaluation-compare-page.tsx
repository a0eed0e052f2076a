/** Two runs of the same questions: which differences are real, what was set differently, and the questions that changed. */
import { useSearch } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { EvaluationComparison } from "@lorekeep/core";
import { useEvaluationComparison } from "../adaptation-queries.ts";
import { BackLink } from "../adapt/back-link.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Page, Section, Skeleton } from "../ui/page.tsx";
import { ChangedQuestions } from "./changed-questions-list.tsx";
import { Differences } from "./difference-table.tsx";
import { SettingChanges } from "./setting-changes.tsx";

export function EvaluationComparePage() {
  const { t } = useTranslation();
  const search: { before?: string; after?: string } = useSearch({ strict: false });
  const comparison = useEvaluationComparison(search.before ?? "", search.after ?? "");
  const back = <BackLink to="/admin/evaluation" label={t("evaluation.title")} />;
  if (comparison.data === undefined)
    return (
      <Page title={t("evaluation.compare.title")} above={back}>
        {comparison.error === null ? (
          <Skeleton label={t("common.loading")} rows={6} />
        ) : (
          <ErrorNote error={comparison.error} onRetry={() => void comparison.refetch()} />
        )}
      </Page>
    );
  const { data } = comparison;
  return (
    <Page title={t("evaluation.compare.title")} lead={<Summary comparison={data} />} above={back}>
      <Verdict comparison={data} />
      <Differences comparison={data} />
      <Section title={t("evaluation.compare.settings")}>
        <SettingChanges before={data.before.setting} after={data.after.setting} />
      </Section>
      <Section title={t("evaluation.compare.questions")}>
        <ChangedQuestions pairs={data.questions} />
      </Section>
    </Page>
  );
}

function Summary({ comparison }: { comparison: EvaluationComparison }) {
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2">
      <span className="text-ink">{comparison.before.name}</span>
      <ArrowRight aria-hidden className="size-4" />
      <span className="text-ink">{comparison.after.name}</span>
      <span>· {comparison.after.datasetName}</span>
    </span>
  );
}

function Verdict({ comparison }: { comparison: EvaluationComparison }) {
  const { t } = useTranslation();
  const rows = Object.values(comparison.differences);
  const real = rows.filter((difference) => difference.real).length;
  return (
    <p className="mb-4 font-serif text-lg" data-testid="comparison-verdict">
      {real === 0
        ? t("evaluation.compare.nothingReal")
        : t("evaluation.compare.someReal", { count: real, total: rows.length })}
    </p>
  );
}
