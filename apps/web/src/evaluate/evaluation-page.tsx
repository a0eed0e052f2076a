/** Questions with right answers, asked again and again: is it getting better? The runs over time, and one more. */
import type { Evaluation } from "@lorekeep/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { Gauge, GitCompareArrows, ListChecks, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useEvaluations } from "../adaptation-queries.ts";
import { Button, buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { SelectField } from "../ui/field.tsx";
import { Card, Empty, Page, Section, Skeleton } from "../ui/page.tsx";
import { EvaluationTable } from "./evaluation-table.tsx";
import { RunsPlot } from "./runs-plot.tsx";
import { StartDialog } from "./start-dialog.tsx";

export function EvaluationPage() {
  const { t } = useTranslation();
  const evaluations = useEvaluations();
  const [starting, setStarting] = useState(false);
  return (
    <Page
      title={t("evaluation.title")}
      lead={t("evaluation.lead")}
      actions={
        <>
          <Link to="/admin/evaluation/sets" className={buttonClass()}>
            <ListChecks aria-hidden className="size-4" />
            {t("evaluation.sets.title")}
          </Link>
          <Button weight="primary" icon={Play} onClick={() => setStarting(true)}>
            {t("evaluation.start")}
          </Button>
        </>
      }
    >
      {evaluations.error !== null && evaluations.data === undefined ? (
        <ErrorNote error={evaluations.error} onRetry={() => void evaluations.refetch()} />
      ) : evaluations.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={6} />
      ) : evaluations.data.length === 0 ? (
        <Card>
          <Empty icon={Gauge} title={t("evaluation.none")} body={t("evaluation.noneBody")} />
        </Card>
      ) : (
        <Runs evaluations={evaluations.data} />
      )}
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </Page>
  );
}

function Runs({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sets = [...new Map(evaluations.map((run) => [run.datasetId, run.datasetName]))];
  const [picked, setPicked] = useState<string | null>(null);
  const [marked, setMarked] = useState<readonly string[]>([]);
  const dataset = picked ?? sets[0]?.[0] ?? "";
  const runs = evaluations
    .filter((run) => run.datasetId === dataset)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const chosen = runs.filter((run) => marked.includes(run.id));
  const [after, before] = chosen;
  const mark = (id: string, on: boolean) =>
    setMarked(on ? [...marked.slice(-1), id] : marked.filter((other) => other !== id));
  return (
    <>
      <div className="max-w-md">
        <SelectField
          label={t("evaluation.questionSet")}
          value={dataset}
          onChange={(event) => {
            setPicked(event.target.value);
            setMarked([]);
          }}
          options={sets.map(([value, label]) => ({ value, label }))}
        />
      </div>
      <RunsPlot runs={runs} />
      <Section title={t("evaluation.runs")}>
        <div className="-mt-1 mb-3 flex flex-wrap items-center justify-between gap-3">
          <p className="text-sm text-muted">{t("evaluation.markTwo")}</p>
          <Button
            size="sm"
            icon={GitCompareArrows}
            disabled={before === undefined || after === undefined}
            onClick={() =>
              before &&
              after &&
              void navigate({
                to: "/admin/evaluation/compare",
                search: { before: before.id, after: after.id },
              })
            }
          >
            {t("evaluation.compareTwo")}
          </Button>
        </div>
        <EvaluationTable runs={runs} marked={marked} onMark={mark} />
      </Section>
    </>
  );
}
