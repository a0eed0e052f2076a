/** The gate's report: each rule with its sentence, the figures of both sides with what can be told apart, ten answers side by side. */
import type { Gate } from "@lorekeep/core";
import { CircleCheck, CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Card, Section } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { ChangeWord } from "./change-word.tsx";
import { gateRows } from "./gate-figures.ts";
import { useFigureText } from "./use-figure-text.ts";
import { useVerdictWords } from "./use-verdict-words.ts";

const COLUMNS = ["figure", "base", "adapter", "difference"] as const;

export function GateReport({ gate }: { gate: Gate }) {
  const { t } = useTranslation();
  const words = useVerdictWords(gate);
  return (
    <>
      <Section title={t("adapt.gate.rules")}>
        <Card>
          <ul className="divide-y divide-line">
            {gate.verdicts.map((verdict) => {
              const Icon = verdict.passed ? CircleCheck : CircleX;
              return (
                <li key={verdict.rule} className="flex gap-3 px-5 py-3 text-sm">
                  <Icon
                    role="img"
                    aria-label={verdict.passed ? t("adapt.gate.passed") : t("adapt.gate.failed")}
                    className={`mt-0.5 size-4 shrink-0 ${verdict.passed ? "text-good" : "text-danger"}`}
                  />
                  <span className="min-w-0">
                    <span className="font-medium break-words">{words.name(verdict)}</span>
                    <span className="block break-words text-muted">{words.sentence(verdict)}</span>
                  </span>
                </li>
              );
            })}
          </ul>
        </Card>
      </Section>
      <Section title={t("adapt.gate.figures")}>
        <Figures gate={gate} />
        <p className="mt-2 text-[13px] text-muted">{t("adapt.gate.interval", { count: gate.exampleCount })}</p>
        {gate.served !== undefined && <ServedGap served={gate.served} />}
      </Section>
      {gate.samples.length > 0 && (
        <Section title={t("adapt.gate.samples")}>
          <Samples gate={gate} />
        </Section>
      )}
    </>
  );
}

function ServedGap({ served }: { served: NonNullable<Gate["served"]> }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  const fine = (value: number) => figure.value(value, "fine");
  const values = { gap: fine(served.gap), trained: fine(served.trainedLoss), served: fine(served.servedLoss) };
  return (
    <p data-testid="served-gap" className="mt-1 text-[13px] text-muted">
      {t("adapt.gate.served", values)}
    </p>
  );
}

function Figures({ gate }: { gate: Gate }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  return (
    <Card className="overflow-hidden">
      <Table label={t("adapt.gate.figures")} head={COLUMNS.map((column) => t(`adapt.gate.columns.${column}`))}>
        {gateRows(gate).map((row) => (
          <Row key={row.key}>
            <Cell wide>
              <span className="font-medium">{t(`adapt.figures.${row.key}`)}</span>
              <span className="block text-[13px] text-muted">{t(`adapt.figureHints.${row.key}`)}</span>
            </Cell>
            <Cell name={t("adapt.gate.columns.base")}>
              <span className="tabular-nums">{figure.value(row.base, row.unit)}</span>
            </Cell>
            <Cell name={t("adapt.gate.columns.adapter")}>
              <span className="font-medium tabular-nums">{figure.value(row.adapter, row.unit)}</span>
            </Cell>
            <Cell name={t("adapt.gate.columns.difference")} wide>
              {row.difference === null || row.change === null ? (
                <span className="text-faint">–</span>
              ) : (
                <ChangeWord change={row.change} difference={row.difference} unit={row.unit} />
              )}
            </Cell>
          </Row>
        ))}
      </Table>
    </Card>
  );
}

function Samples({ gate }: { gate: Gate }) {
  const { t } = useTranslation();
  const figure = useFigureText();
  return (
    <ol className="flex flex-col gap-3">
      {gate.samples.map((sample, index) => (
        <li key={index} className="rounded-2xl border border-line bg-surface p-5 shadow-card">
          <p className="font-medium break-words">{sample.question}</p>
          <p className="mt-0.5 text-sm break-words text-muted">
            {sample.expected === null
              ? t("adapt.examples.refuses")
              : t("adapt.gate.expected", { answer: sample.expected })}
          </p>
          <div className="mt-3 grid gap-3 sm:grid-cols-2">
            {(["base", "adapter"] as const).map((side) => (
              <div key={side} className="min-w-0 rounded-lg bg-sunk px-4 py-3">
                <p className="flex justify-between gap-3 text-[13px] text-muted">
                  {t(`adapt.gate.columns.${side}`)}
                  <span className="tabular-nums">F1 {figure.value(sample[`${side}F1`], "share")}</span>
                </p>
                <p className="mt-1 font-serif leading-relaxed break-words whitespace-pre-wrap">
                  {sample[side] === "" ? "–" : sample[side]}
                </p>
              </div>
            ))}
          </div>
        </li>
      ))}
    </ol>
  );
}
