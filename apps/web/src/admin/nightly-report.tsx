/** The report of a nightly run as sentences and a small table, problems first. */
import type { ReindexReport } from "@lorekeep/core";
import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Badge } from "../ui/badge.tsx";
import { Count, Duration, formatBytes, formatDateTime } from "../ui/formatted.tsx";
import { Card } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";

const FIGURES = [
  "foldersRead",
  "documentsAdded",
  "documentsChanged",
  "documentsRemoved",
  "documentsRetried",
  "documentsFailed",
  "purgedRows",
  "purgedBlobs",
] as const;

export function NightlyReport({ report }: { report: ReindexReport }) {
  const { t, i18n } = useTranslation();
  const good = report.problems.length === 0;
  const Icon = good ? CircleCheck : CircleAlert;
  const bytes = (value: number) => formatBytes(value, i18n.language);
  return (
    <div data-testid="nightly-report" className="flex flex-col gap-4">
      <Card className="p-5">
        <p className={`flex items-center gap-2 font-medium ${good ? "text-good" : "text-warn"}`}>
          <Icon aria-hidden className="size-5" />
          {good ? t("nightly.report.good") : t("nightly.report.problems", { count: report.problems.length })}
        </p>
        <p className="mt-1 text-sm text-muted">
          {formatDateTime(report.startedAt, i18n.language)} ·{" "}
          <Duration ms={Date.parse(report.endedAt) - Date.parse(report.startedAt)} /> ·{" "}
          {t("nightly.report.size", { before: bytes(report.bytesBefore), after: bytes(report.bytesAfter) })}
        </p>
        {!good && (
          <ul className="mt-3 list-disc ps-5 text-sm">
            {report.problems.map((problem) => (
              <li key={problem} className="break-words">
                {problem}
              </li>
            ))}
          </ul>
        )}
        <dl className="mt-5 grid grid-cols-2 gap-x-6 gap-y-3 text-sm sm:grid-cols-4">
          {FIGURES.map((name) => (
            <div key={name}>
              <dt className="text-[13px] text-muted">{t(`nightly.report.${name}`)}</dt>
              <dd className="font-medium">
                <Count value={report[name]} />
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      {report.indexes.length > 0 && <Indexes indexes={report.indexes} />}
    </div>
  );
}

function Indexes({ indexes }: { indexes: ReindexReport["indexes"] }) {
  const { t, i18n } = useTranslation();
  const columns = ["collection", "vectors", "missing", "orphans", "recall", "done"] as const;
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 });
  return (
    <Card className="overflow-hidden">
      <Table label={t("nightly.report.indexes")} head={columns.map((column) => t(`nightly.report.columns.${column}`))}>
        {indexes.map((index) => (
          <Row key={index.generationId}>
            <Cell wide>
              <span className="font-medium break-words">{index.collection}</span>
            </Cell>
            <Cell name={t("nightly.report.columns.vectors")}>
              <Count value={index.vectors} />
            </Cell>
            <Cell name={t("nightly.report.columns.missing")}>
              <Count value={index.missing} />
            </Cell>
            <Cell name={t("nightly.report.columns.orphans")}>
              <Count value={index.orphans} />
            </Cell>
            <Cell name={t("nightly.report.columns.recall")}>
              {index.recallAt10 === null ? "–" : percent.format(index.recallAt10)}
            </Cell>
            <Cell name={t("nightly.report.columns.done")}>
              <span className="flex flex-wrap gap-1">
                {index.healed && <Badge tone="warn">{t("nightly.report.healed")}</Badge>}
                {index.compacted && <Badge tone="accent">{t("nightly.report.compacted")}</Badge>}
                {!index.healed && !index.compacted && <Badge tone="good">{t("nightly.report.sound")}</Badge>}
              </span>
            </Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}
