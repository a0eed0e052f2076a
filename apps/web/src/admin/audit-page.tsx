import { ScrollText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAudit } from "../queries.ts";
import { ErrorNote } from "../ui/error-note.tsx";
import { formatDateTime } from "../ui/formatted.tsx";
import { Card, Empty, Page, Skeleton } from "../ui/page.tsx";
import { Cell, Pager, Row, Table } from "../ui/table.tsx";

export function AuditPage() {
  const { t, i18n } = useTranslation();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const audit = useAudit(cursors.at(-1));
  const columns = ["at", "actor", "action", "target"] as const;
  return (
    <Page title={t("audit.title")} lead={t("audit.lead")}>
      {audit.error !== null ? (
        <ErrorNote error={audit.error} onRetry={() => void audit.refetch()} />
      ) : audit.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={8} />
      ) : audit.data.items.length === 0 ? (
        <Card>
          <Empty icon={ScrollText} title={t("audit.none")} />
        </Card>
      ) : (
        <Card className="overflow-hidden">
          <Table label={t("audit.title")} head={columns.map((column) => t(`audit.columns.${column}`))}>
            {audit.data.items.map((entry) => (
              <Row key={entry.id}>
                <Cell wide>
                  <time dateTime={entry.at} className="whitespace-nowrap text-muted">
                    {formatDateTime(entry.at, i18n.language)}
                  </time>
                </Cell>
                <Cell name={t("audit.columns.actor")}>
                  <span className="break-all">{entry.actor}</span>
                </Cell>
                <Cell name={t("audit.columns.action")}>
                  <span className="font-medium break-words">{entry.action}</span>
                </Cell>
                <Cell name={t("audit.columns.target")}>
                  <span className="block max-w-72 truncate font-mono text-xs text-muted" title={entry.target ?? ""}>
                    {entry.target ?? "–"}
                  </span>
                </Cell>
              </Row>
            ))}
          </Table>
        </Card>
      )}
      <Pager cursors={cursors} nextCursor={audit.data?.nextCursor ?? null} onTurn={setCursors} />
    </Page>
  );
}
