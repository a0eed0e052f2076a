/** What stands behind the two figures: each kind of question, and how many of it the chosen threshold refuses. */
import type { RefusalCurve } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { Badge } from "../ui/badge.tsx";
import { Count } from "../ui/formatted.tsx";
import { Card, Section } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { placeOf } from "./refusal-figures.ts";

export function RefusalSources({ curve, chosen }: { curve: RefusalCurve; chosen: number }) {
  const { t, i18n } = useTranslation();
  const place = placeOf(curve, chosen);
  const threshold = chosen.toLocaleString(i18n.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const columns = {
    kind: t("refusals.sources.columns.kind"),
    answer: t("refusals.sources.columns.answer"),
    count: t("refusals.sources.columns.count"),
    refused: t("refusals.sources.columns.refused", { threshold }),
  };
  return (
    <Section title={t("refusals.sources.title")}>
      <Card>
        <Table label={t("refusals.sources.title")} head={Object.values(columns)}>
          {curve.sources.map(({ source, answerable, questions, refused }) => (
            <Row key={`${source} ${String(answerable)}`}>
              <Cell wide>{t(`refusals.sources.names.${source}`)}</Cell>
              <Cell name={columns.answer}>
                <Badge tone={answerable ? "accent" : "neutral"}>
                  {answerable ? t("refusals.sources.yes") : t("refusals.sources.no")}
                </Badge>
              </Cell>
              <Cell name={columns.count}>
                <Count value={questions} />
              </Cell>
              <Cell name={columns.refused}>
                <span className="tabular-nums">
                  {(refused[place] ?? 0).toLocaleString(i18n.language, { style: "percent" })}
                </span>
              </Cell>
            </Row>
          ))}
        </Table>
      </Card>
      <p className="mt-3 text-[13px] text-muted">{t("refusals.note")}</p>
    </Section>
  );
}
