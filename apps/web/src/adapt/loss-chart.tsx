/** Loss over the steps: each step faint behind its smoothed line, the validation loss in another colour with its points. */
import type { FineTune } from "@lorekeep/core";
import { useTranslation } from "react-i18next";
import { smooth } from "../ui/chart-scale.ts";
import { LineChart } from "../ui/line-chart.tsx";
import { Card } from "../ui/page.tsx";
import { useFigureText } from "./use-figure-text.ts";

export function LossChart({ run }: { run: FineTune }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const raw = run.loss.map(({ step, loss }) => ({ x: step, y: loss }));
  const validation = run.validationLoss.map(({ step, loss }) => ({ x: step, y: loss }));
  const line = smooth(raw, Math.max(1, Math.min(8, raw.length / 12)));
  // Preference losses begin at ln 2 and may fall to thousandths.
  const unit = run.recipe.method === "preference" ? "fine" : "share";
  const first = validation[0] ?? line[0];
  const last = validation.at(-1) ?? line.at(-1);
  const label = t("adapt.run.lossLabel", {
    from: figure.value(first?.y, "fine"),
    to: figure.value(last?.y, "fine"),
    steps: run.step,
  });
  return (
    <Card className="p-5">
      <LineChart
        label={label}
        xName={t("adapt.run.facts.step")}
        formatX={figure.count}
        formatY={(value) => figure.value(value, unit)}
        series={[
          { name: "", points: raw, look: "faint", quiet: true },
          { name: t("adapt.run.trainLoss"), points: line, look: "accent" },
          { name: t("adapt.run.validationLoss"), points: validation, look: "amber", dots: true },
        ]}
      />
      <p className="mt-2 text-[13px] text-muted">{t("adapt.run.lossHint")}</p>
    </Card>
  );
}
