/** A collection's refusal threshold with what it does there: figures, curve, and how to measure them (G3). */
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { RefusalCurve, RefusalCurveState } from "@lorekeep/core";
import { useRefusalCurve } from "../collection-queries.ts";
import { useCollections } from "../queries.ts";
import { ErrorNote } from "../ui/error-note.tsx";
import { LineChart } from "../ui/line-chart.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { RefusalRun } from "./refusal-run.tsx";
import { RefusalSources } from "./refusal-sources.tsx";
import { RefusalThreshold } from "./refusal-threshold.tsx";

export function RefusalPage() {
  const { t } = useTranslation();
  const { collectionId = "" } = useParams({ strict: false });
  const collection = useCollections().data?.find(({ id }) => id === collectionId);
  const state = useRefusalCurve(collectionId);
  return (
    <Page
      title={t("refusals.title", { name: collection?.name ?? "" })}
      lead={t("refusals.lead")}
      above={
        <Link
          to="/admin/collections"
          className="mb-4 inline-flex items-center gap-1.5 text-sm text-muted hover:text-ink"
        >
          <ArrowLeft aria-hidden className="size-4" />
          {t("refusals.back")}
        </Link>
      }
    >
      {state.error !== null ? (
        <ErrorNote error={state.error} onRetry={() => void state.refetch()} />
      ) : state.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={8} />
      ) : (
        <Refusals key={collectionId} state={state.data} documentCount={collection?.documentCount ?? 0} />
      )}
    </Page>
  );
}

function Refusals({ state, documentCount }: { state: RefusalCurveState; documentCount: number }) {
  const [draft, setDraft] = useState<number | null>(null);
  const chosen = draft ?? state.threshold;
  return (
    <>
      <RefusalRun state={state} documentCount={documentCount} />
      <RefusalThreshold state={state} chosen={chosen} onChoose={setDraft} />
      {state.curve !== null && (
        <>
          <CurveChart curve={state.curve} chosen={chosen} />
          <RefusalSources curve={state.curve} chosen={chosen} />
        </>
      )}
    </>
  );
}

function CurveChart({ curve, chosen }: { curve: RefusalCurve; chosen: number }) {
  const { t, i18n } = useTranslation();
  const percent = (share: number) => share.toLocaleString(i18n.language, { style: "percent" });
  const threshold = (x: number) =>
    x.toLocaleString(i18n.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const line = (key: "right" | "wrong") => curve.points.map((point) => ({ x: point.threshold, y: point[key] }));
  const best = { x: curve.recommended, name: t("refusals.chart.best"), look: "faint" as const };
  return (
    <Section title={t("refusals.chart.title")}>
      <Card className="p-5">
        <LineChart
          label={t("refusals.chart.label")}
          xName={t("refusals.chart.x")}
          yRange={[0, 1]}
          formatX={threshold}
          formatY={percent}
          marks={[
            ...(Math.abs(curve.recommended - chosen) < 0.005 ? [] : [best]),
            { x: chosen, name: `${t("refusals.chart.chosen")} ${threshold(chosen)}`, look: "strong" },
          ]}
          series={[
            { name: t("refusals.chart.right"), look: "accent", points: line("right") },
            { name: t("refusals.chart.wrong"), look: "amber", points: line("wrong") },
          ]}
        />
      </Card>
    </Section>
  );
}
