/** What a training would take. When it cannot run, the reasons stand where the figures were looked for. */
import type { FineTuneEstimate } from "@lorekeep/core";
import clsx from "clsx";
import { CircleX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ErrorNote } from "../ui/error-note.tsx";
import { Count, formatBytes } from "../ui/formatted.tsx";
import { Card, Skeleton } from "../ui/page.tsx";
import { knownNote } from "./estimate-notes.ts";
import { roughDuration } from "./rough-duration.ts";
import { useFigureText } from "./use-figure-text.ts";

interface EstimateProps {
  estimate: FineTuneEstimate | undefined;
  error: unknown;
  /** The figures belong to what was chosen before. */
  settling: boolean;
}

export function EstimateCard({ estimate, error, settling }: EstimateProps) {
  const { t } = useTranslation();
  if (error !== null) return <ErrorNote error={error} />;
  return (
    <Card className="overflow-hidden">
      <h2 className="px-5 pt-4 text-sm text-muted">{t("adapt.estimate.title")}</h2>
      {estimate === undefined ? (
        settling ? (
          <Skeleton label={t("common.loading")} rows={4} />
        ) : (
          <p className="px-5 pt-1 pb-5 text-sm text-muted">{t("adapt.estimate.waiting")}</p>
        )
      ) : (
        <div
          data-testid="estimate"
          data-fits={estimate.fits}
          aria-live="polite"
          aria-busy={settling}
          className={clsx("px-5 pt-1 pb-5 transition-opacity", settling && "opacity-50")}
        >
          <Figures estimate={estimate} />
        </div>
      )}
    </Card>
  );
}

function Figures({ estimate }: { estimate: FineTuneEstimate }) {
  const { t, i18n } = useTranslation();
  const figure = useFigureText();
  const bytes = (value: number) => formatBytes(value, i18n.language);
  const lines = [
    ...(estimate.checkingSeconds === undefined
      ? []
      : [[t("adapt.estimate.checking"), roughDuration(estimate.checkingSeconds, i18n.language)] as const]),
    [t("adapt.estimate.examples"), <Count key="examples" value={estimate.examples} />],
    [t("adapt.estimate.tokens"), <Count key="tokens" value={estimate.tokens} />],
    [t("adapt.estimate.steps"), <Count key="steps" value={estimate.steps} />],
    [t("adapt.estimate.speed"), t("adapt.perSecond", { rate: figure.count(Math.round(estimate.tokensPerSecond)) })],
    [
      t("adapt.estimate.mode"),
      t(estimate.lanes === 2 ? "adapt.estimate.fastInTwoLanes" : `adapt.train.memoryModes.${estimate.memoryMode}`),
    ],
    [t("adapt.estimate.disk"), bytes(estimate.diskBytes)],
  ] as const;
  return (
    <>
      {estimate.fits ? (
        <p className="font-serif text-3xl font-semibold">{roughDuration(estimate.seconds, i18n.language)}</p>
      ) : (
        <p className="flex items-start gap-2.5 py-1 font-medium text-danger">
          <CircleX aria-hidden className="mt-0.5 size-5 shrink-0" />
          {t("adapt.estimate.cannot")}
        </p>
      )}
      {estimate.memoryBytes > estimate.freeMemoryBytes && (
        <p className="mt-1 text-sm">
          {t("adapt.estimate.needsMemory", {
            needed: bytes(estimate.memoryBytes),
            free: bytes(estimate.freeMemoryBytes),
          })}
        </p>
      )}
      <Notes estimate={estimate} />
      <Memory needed={estimate.memoryBytes} free={estimate.freeMemoryBytes} bytes={bytes} />
      <dl className="mt-4 flex flex-col gap-1.5 text-sm">
        {lines.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4">
            <dt className="text-muted">{name}</dt>
            <dd className="text-end tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** What the server remarks; what was already said from the figures is not said again. */
function Notes({ estimate }: { estimate: FineTuneEstimate }) {
  const { t } = useTranslation();
  const said = estimate.memoryBytes > estimate.freeMemoryBytes;
  const notes = estimate.notes.flatMap((text) => {
    const note = knownNote(text);
    if (note === null) return [text];
    return note.key === "memory" && said ? [] : [t(`adapt.estimate.notes.${note.key}`, note.values)];
  });
  if (notes.length === 0) return null;
  return (
    <ul className={clsx("mt-2 flex flex-col gap-1 text-sm", estimate.fits ? "text-muted" : "text-ink")}>
      {notes.map((note) => (
        <li key={note} className="break-words">
          {note}
        </li>
      ))}
    </ul>
  );
}

function Memory({ needed, free, bytes }: { needed: number; free: number; bytes: (value: number) => string }) {
  const { t } = useTranslation();
  const over = needed > free;
  const full = Math.max(needed, free, 1);
  return (
    <div className="mt-4">
      <p className="flex justify-between gap-4 text-sm">
        <span className="text-muted">{t("adapt.estimate.memory")}</span>
        <span className="text-end tabular-nums">
          {t("adapt.estimate.memoryOf", { needed: bytes(needed), free: bytes(free) })}
        </span>
      </p>
      <div aria-hidden className="relative mt-1.5 h-1.5 overflow-hidden rounded-full bg-ink/10">
        <div
          className={clsx("h-full rounded-full", over ? "bg-danger" : "bg-accent")}
          style={{ width: `${(needed / full) * 100}%` }}
        />
        {over && (
          <div
            className="absolute inset-y-0 w-0.5 bg-surface"
            style={{ insetInlineStart: `${(free / full) * 100}%` }}
          />
        )}
      </div>
    </div>
  );
}
