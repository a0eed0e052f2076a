/** Two runs of the same questions: which differences are real, what was set differently, and the questions that changed. */
import { useSearch } from "@tanstack/react-router";
import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { EvaluationComparison } from "@lorekeep/core";
import { useEvaluationComparison } from "../adaptation-queries.ts";
import { BackLink } from "../adapt/back-link.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { ChangedQuestions } from "./changed-questions-list.tsx";
import { Differences } from "./difference-table.tsx";
import { settingChanges } from "./setting-line.ts";
import { useReadableSetting } from "./use-readable-setting.ts";

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
        <Settings comparison={data} />
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

function Settings({ comparison }: { comparison: EvaluationComparison }) {
  const { t } = useTranslation();
  const { nameOf, read } = useReadableSetting();
  const changes = settingChanges(read(comparison.before.setting), read(comparison.after.setting));
  if (changes.length === 0) return <p className="text-muted">{t("evaluation.compare.sameSettings")}</p>;
  return (
    <Card>
      <dl className="divide-y divide-line text-sm">
        {changes.map((change) => (
          <div key={change.key} className="grid gap-x-6 gap-y-0.5 px-5 py-3 sm:grid-cols-[12rem_minmax(0,1fr)]">
            <dt className="text-muted">{nameOf(change.key)}</dt>
            <dd className="flex flex-wrap items-center gap-x-2 break-words">
              <span>{change.before === "" ? "–" : change.before}</span>
              <ArrowRight role="img" aria-label={t("evaluation.compare.becomes")} className="size-3.5 text-faint" />
              <span className="font-medium">{change.after === "" ? "–" : change.after}</span>
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
