import type { EvaluationComparison } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { ChangeWord } from "../adapt/change-word.tsx";
import { changeOf } from "../adapt/gate-figures.ts";
import { useFigureText } from "../adapt/use-figure-text.ts";
import { Card } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { figureNamed, FIGURES, lowerIsBetter, unitOf } from "./evaluation-figures.ts";

const COLUMNS = ["figure", "before", "after", "verdict"] as const;

/** Each figure before and after, and whether the difference is more than chance. */
export function Differences({ comparison }: { comparison: EvaluationComparison }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const place = (key: string) => {
    const name = figureNamed(key);
    return name === null ? FIGURES.length : FIGURES.indexOf(name);
  };
  const rows = Object.entries(comparison.differences).sort(([a], [b]) => place(a) - place(b));
  return (
    <>
      <Card className="overflow-hidden">
        <Table
          label={t("evaluation.compare.differences")}
          head={COLUMNS.map((column) => t(`evaluation.compare.columns.${column}`))}
        >
          {rows.map(([key, difference]) => {
            const name = figureNamed(key);
            const unit = name === null ? "share" : unitOf(name);
            const change = difference.real
              ? changeOf(
                  { mean: difference.mean, interval: [difference.mean, difference.mean] },
                  name !== null && lowerIsBetter(name),
                )
              : "same";
            return (
              <Row key={key}>
                <Cell wide>
                  <span className="font-medium">{name === null ? key : t(`evaluation.figures.${name}`)}</span>
                </Cell>
                <Cell name={t("evaluation.compare.columns.before")}>
                  <span className="tabular-nums">{figure.value(difference.before, unit)}</span>
                </Cell>
                <Cell name={t("evaluation.compare.columns.after")}>
                  <span className="font-medium tabular-nums">{figure.value(difference.after, unit)}</span>
                </Cell>
                <Cell name={t("evaluation.compare.columns.verdict")} wide>
                  <ChangeWord change={change} difference={difference} unit={unit} />
                </Cell>
              </Row>
            );
          })}
        </Table>
      </Card>
      <p className="mt-2 text-[13px] text-muted">{t("evaluation.compare.interval")}</p>
    </>
  );
}
