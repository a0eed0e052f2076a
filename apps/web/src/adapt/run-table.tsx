import type { FineTune } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { When } from "../ui/formatted.tsx";
import { Card } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { baseLabel } from "./answering-now.ts";
import { RunStatus } from "./run-status.tsx";
import { useFigureText } from "./use-figure-text.ts";

const COLUMNS = ["name", "status", "result", "started"] as const;

export function RunTable({ runs }: { runs: readonly FineTune[] }) {
  const { t } = useTranslation();
  return (
    <Card className="overflow-hidden">
      <Table label={t("adapt.runs.title")} head={COLUMNS.map((column) => t(`adapt.runs.columns.${column}`))}>
        {runs.map((run) => (
          <Row key={run.id} data-testid="run-row" data-status={run.status}>
            <Cell wide>
              <Link
                to="/admin/adapt/runs/$runId"
                params={{ runId: run.id }}
                className="font-medium break-words hover:text-accent hover:underline"
              >
                {run.name}
              </Link>
              <span className="block text-[13px] break-words text-muted">
                {run.datasetName} · {baseLabel(run.base)}
              </span>
            </Cell>
            <Cell name={t("adapt.runs.columns.status")}>
              <RunStatus status={run.status} />
            </Cell>
            <Cell name={t("adapt.runs.columns.result")}>
              <RunResult run={run} />
            </Cell>
            <Cell name={t("adapt.runs.columns.started")}>
              <span className="text-muted">
                <When at={run.startedAt ?? run.createdAt} />
              </span>
            </Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}

function RunResult({ run }: { run: FineTune }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  if (run.status === "running" || run.status === "paused")
    return (
      <span className="block min-w-28">
        <ProgressBar
          label={t("adapt.run.progressOf", { name: run.name })}
          value={run.steps === 0 ? null : run.step / run.steps}
        />
        <span className="mt-1 block text-[13px] text-muted tabular-nums">
          {run.step} / {run.steps}
        </span>
      </span>
    );
  if (run.gate === null) return <span className="text-faint">–</span>;
  return (
    <span className="whitespace-nowrap tabular-nums">
      F1 {figure.value(run.gate.base.f1, "share")} → {figure.value(run.gate.adapter.f1, "share")}
    </span>
  );
}
