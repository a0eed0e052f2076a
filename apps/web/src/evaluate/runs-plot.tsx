import type { Evaluation } from "@lorekeep/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFigureText } from "../adapt/use-figure-text.ts";
import { SelectField } from "../ui/field.tsx";
import { LineChart } from "../ui/line-chart.tsx";
import { Card } from "../ui/page.tsx";
import { figureOf, FIGURES, unitOf, type FigureName } from "./evaluation-figures.ts";

/** One figure over the runs of a question set, oldest first. Says nothing before there are two. */
export function RunsPlot({ runs }: { runs: readonly Evaluation[] }) {
  const { t, i18n } = useTranslation();
  const figure = useFigureText();
  const [picked, setPicked] = useState<FigureName | null>(null);
  const done = runs.filter((run) => run.figures !== null).toReversed();
  const names = FIGURES.filter((name) => done.some((run) => figureOf(run.figures, name) !== undefined));
  const name = picked !== null && names.includes(picked) ? picked : names[0];
  if (name === undefined || done.length < 2) return null;
  const points = done.flatMap((run, index) => {
    const value = figureOf(run.figures, name);
    return value === undefined ? [] : [{ x: index, y: value }];
  });
  const dateOf = (index: number) =>
    new Intl.DateTimeFormat(i18n.language, { month: "short", day: "numeric" }).format(
      new Date(done[index]?.createdAt ?? 0),
    );
  const unit = unitOf(name);
  return (
    <Card className="mt-5 p-5">
      <div className="mb-4 w-64 max-w-full">
        <SelectField
          hideLabel
          label={t("evaluation.figure")}
          value={name}
          onChange={(event) => setPicked(FIGURES.find((item) => item === event.target.value) ?? null)}
          options={names.map((value) => ({ value, label: t(`evaluation.figures.${value}`) }))}
        />
      </div>
      <LineChart
        label={t("evaluation.plotLabel", {
          figure: t(`evaluation.figures.${name}`),
          count: points.length,
          from: figure.value(points[0]?.y, unit),
          to: figure.value(points.at(-1)?.y, unit),
        })}
        height={200}
        xName={t("evaluation.columns.run")}
        formatX={dateOf}
        formatY={(value) => figure.value(value, unit)}
        xTicks={done.map((_, index) => index)}
        series={[{ name: t(`evaluation.figures.${name}`), points, look: "accent", dots: true }]}
      />
    </Card>
  );
}
