import type { FineTune } from "@lorekeep/core";
import clsx from "clsx";
import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Count, formatBytes, formatDuration } from "../ui/formatted.tsx";
import { Card } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { roughDuration } from "./rough-duration.ts";
import { RunStatus } from "./run-status.tsx";
import { useFigureText } from "./use-figure-text.ts";

const PHASES = ["prepare", "train", "export", "gate"] as const;

/** Status, phase, steps, and the machine's side of it: speed, time left, memory, steps that had to be skipped. */
export function RunProgress({ run }: { run: FineTune }) {
  const { t } = useTranslation();
  const open = run.status === "running" || run.status === "paused" || run.status === "queued";
  return (
    <Card className="p-5">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <span role="status" data-testid="run-status" data-status={run.status}>
          <RunStatus status={run.status} />
        </span>
        {open && <Phases phase={run.phase} />}
      </div>
      {open && (
        <div className="mt-4">
          <ProgressBar
            label={t("adapt.run.progressOf", { name: run.name })}
            value={run.steps === 0 ? (run.status === "running" ? null : 0) : run.step / run.steps}
          />
        </div>
      )}
      <Facts run={run} open={open} />
    </Card>
  );
}

function Phases({ phase }: { phase: string }) {
  const { t } = useTranslation();
  // The test says how far it is: `gate 3/40`.
  const [current, count] = phase.split(" ");
  const at = PHASES.findIndex((name) => name === current);
  return (
    <ol aria-label={t("adapt.run.phases.title")} className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {PHASES.map((name, index) => (
        <li
          key={name}
          aria-current={index === at ? "step" : undefined}
          className={clsx(
            "inline-flex items-center gap-1.5",
            index === at ? "font-medium text-accent" : index < at ? "text-muted" : "text-faint",
          )}
        >
          {index < at && <Check aria-hidden className="size-3.5" />}
          {t(`adapt.run.phases.${name}`)}
          {index === at && count !== undefined && <span className="tabular-nums">{count}</span>}
        </li>
      ))}
    </ol>
  );
}

function Facts({ run, open }: { run: FineTune; open: boolean }) {
  const { t, i18n } = useTranslation();
  const figure = useFigureText();
  const took =
    run.startedAt !== null && run.endedAt !== null ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : null;
  const facts = [
    [
      t("adapt.run.facts.step"),
      <span key="step">
        <Count value={run.step} /> / <Count value={run.steps} />
      </span>,
    ],
    [
      t("adapt.run.facts.speed"),
      run.tokensPerSecond === null
        ? "–"
        : t("adapt.perSecond", { rate: figure.count(Math.round(run.tokensPerSecond)) }),
    ],
    open
      ? [t("adapt.run.facts.left"), run.etaSeconds === null ? "–" : roughDuration(run.etaSeconds, i18n.language)]
      : [t("adapt.run.facts.took"), took === null ? "–" : formatDuration(took, i18n.language)],
    [t("adapt.run.facts.memory"), run.memoryBytes === null ? "–" : formatBytes(run.memoryBytes, i18n.language)],
    [t("adapt.run.facts.skipped"), <Count key="skipped" value={run.skippedSteps} />],
  ] as const;
  return (
    <>
      <dl className="mt-5 grid grid-cols-2 gap-x-6 gap-y-4 text-sm sm:grid-cols-5">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-[13px] text-muted">{name}</dt>
            <dd className="mt-0.5 font-medium tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {run.skippedSteps > 0 && <p className="mt-3 text-[13px] text-muted">{t("adapt.run.skippedHint")}</p>}
    </>
  );
}
