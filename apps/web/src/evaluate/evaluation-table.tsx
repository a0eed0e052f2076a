import type { Evaluation } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Ellipsis, Square, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isUnderWay, useCancelEvaluation, useDeleteEvaluation } from "../adaptation-queries.ts";
import { useFigureText } from "../adapt/use-figure-text.ts";
import { useJob } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { errorText } from "../ui/error-text.ts";
import { When } from "../ui/formatted.tsx";
import { Menu } from "../ui/menu.tsx";
import { Card } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";
import { figureOf } from "./evaluation-figures.ts";
import { EvaluationStatus } from "./evaluation-status.tsx";
import { settingLine } from "./setting-line.ts";
import { useReadableSetting } from "./use-readable-setting.ts";

interface TableProps {
  runs: readonly Evaluation[];
  marked: readonly string[];
  onMark: (id: string, on: boolean) => void;
}
const SHOWN = ["answerF1", "refusalBalanced", "citationPrecision", "ndcgAt10"] as const;

export function EvaluationTable({ runs, marked, onMark }: TableProps) {
  const { t } = useTranslation();
  return (
    <Card className="overflow-hidden">
      <Table
        label={t("evaluation.runs")}
        head={[
          t("evaluation.columns.run"),
          ...SHOWN.map((name) => t(`evaluation.short.${name}`)),
          t("evaluation.columns.when"),
          <span key="actions" className="sr-only">
            {t("common.actions")}
          </span>,
        ]}
      >
        {runs.map((run) => (
          <EvaluationRow key={run.id} run={run} marked={marked.includes(run.id)} onMark={(on) => onMark(run.id, on)} />
        ))}
      </Table>
    </Card>
  );
}

interface RowProps {
  run: Evaluation;
  marked: boolean;
  onMark: (on: boolean) => void;
}

function EvaluationRow({ run, marked, onMark }: RowProps) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const setting = settingLine(useReadableSetting().read(run.setting));
  return (
    <Row data-testid="evaluation-row" data-status={run.status}>
      <Cell wide>
        <span className="flex items-start gap-3">
          <input
            type="checkbox"
            aria-label={t("evaluation.mark", { name: run.name })}
            checked={marked}
            disabled={run.figures === null}
            onChange={(event) => onMark(event.target.checked)}
            className="mt-1 size-4 shrink-0 accent-accent disabled:opacity-40"
          />
          <span className="min-w-0">
            <Link
              to="/admin/evaluation/$evaluationId"
              params={{ evaluationId: run.id }}
              className="font-medium break-words hover:text-accent hover:underline"
            >
              {run.name}
            </Link>
            {setting !== "" && <span className="block text-[13px] break-words text-muted">{setting}</span>}
            {(run.status !== "succeeded" || run.candidate != null) && (
              <span className="mt-1 flex flex-wrap gap-1.5">
                {run.status !== "succeeded" && <EvaluationStatus status={run.status} />}
                {run.candidate != null && (
                  <Badge tone={run.switchedOnAt == null ? "neutral" : "good"}>
                    {t(run.switchedOnAt == null ? "evaluation.trial.badge" : "evaluation.trial.switchedOn")}
                  </Badge>
                )}
              </span>
            )}
            {isUnderWay(run) && <RunProgress run={run} />}
          </span>
        </span>
      </Cell>
      {SHOWN.map((name) => (
        <Cell key={name} name={t(`evaluation.short.${name}`)}>
          <span className="tabular-nums">{figure.value(figureOf(run.figures, name), "share")}</span>
        </Cell>
      ))}
      <Cell name={t("evaluation.columns.when")}>
        <span className="text-muted">
          <When at={run.createdAt} />
        </span>
      </Cell>
      <Cell end corner>
        <RunMenu run={run} />
      </Cell>
    </Row>
  );
}

export function RunProgress({ run }: { run: Evaluation }) {
  const { t } = useTranslation();
  const progress = useJob(run.jobId).data?.progress;
  return (
    <span className="mt-2 block max-w-56">
      <ProgressBar
        label={t("evaluation.progressOf", { name: run.name })}
        value={progress?.total == null || progress.total === 0 ? null : progress.done / progress.total}
      />
      {progress?.total != null && (
        <span className="mt-1 block text-[13px] text-muted tabular-nums">
          {progress.done} / {progress.total}
        </span>
      )}
    </span>
  );
}

function RunMenu({ run }: { run: Evaluation }) {
  const { t } = useTranslation();
  const cancel = useCancelEvaluation();
  const remove = useDeleteEvaluation();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu
        label={t("documents.menu", { name: run.name })}
        icon={Ellipsis}
        items={[
          ...(isUnderWay(run)
            ? [
                {
                  label: t("common.cancel"),
                  icon: Square,
                  onSelect: () => cancel.mutate(run.id, { onError: (error) => toast(errorText(error, t).title) }),
                },
              ]
            : []),
          { label: t("common.delete"), icon: Trash2, danger: true, onSelect: () => setAsking(true) },
        ]}
      />
      {asking && (
        <ConfirmDialog
          danger
          title={t("evaluation.deleteTitle")}
          body={t("evaluation.deleteBody", { name: run.name })}
          confirmLabel={t("common.delete")}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await remove.mutateAsync(run.id);
            toast(t("documents.deleted", { name: run.name }));
          }}
        />
      )}
    </>
  );
}
