/** A dataset to look through: what it holds, what is wrong with it, and each example to edit, approve or reject. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { GraduationCap } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useDataset, useExamples, useReloadExamples, type ExampleFilter } from "../adaptation-queries.ts";
import { useSettled } from "../admin/use-settled.ts";
import { jobEnded, useJob } from "../queries.ts";
import { buttonClass } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Card, Page, Skeleton } from "../ui/page.tsx";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { Pager } from "../ui/table.tsx";
import { BackLink } from "./back-link.tsx";
import { DatasetFacts } from "./dataset-facts.tsx";
import { DatasetMenus } from "./dataset-menus.tsx";
import { ExampleFilters } from "./example-filters.tsx";
import { ExampleList } from "./example-list.tsx";
import type { Step } from "./review-keys.ts";

export function DatasetPage() {
  const { t } = useTranslation();
  const { datasetId = "" } = useParams({ strict: false });
  const dataset = useDataset(datasetId);
  const back = <BackLink to="/admin/adapt/datasets" label={t("adapt.datasets.title")} />;
  if (dataset.data === undefined)
    return (
      <Page title={t("adapt.datasets.one")} above={back}>
        {dataset.error === null ? (
          <Skeleton label={t("common.loading")} rows={6} />
        ) : (
          <ErrorNote error={dataset.error} onRetry={() => void dataset.refetch()} />
        )}
      </Page>
    );
  return (
    <Page
      title={dataset.data.name}
      above={back}
      actions={
        <>
          <DatasetMenus dataset={dataset.data} />
          <Link to="/admin/adapt/train" search={{ dataset: datasetId }} className={buttonClass("primary")}>
            <GraduationCap aria-hidden className="size-4" />
            {t("adapt.datasets.train")}
          </Link>
        </>
      }
    >
      <Drafting key={datasetId} datasetId={datasetId} />
      <DatasetFacts dataset={dataset.data} />
      <Examples datasetId={datasetId} />
    </Page>
  );
}

function Examples({ datasetId }: { datasetId: string }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState<ExampleFilter>({});
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const query = useSettled(filter.query?.trim() ?? "");
  const examples = useExamples(datasetId, {
    ...filter,
    query: query === "" ? undefined : query,
    cursor: cursors.at(-1),
  });
  const nextCursor = examples.data?.nextCursor ?? null;
  const turn = (step: Step) => {
    if (examples.isPlaceholderData || (step === "next" ? nextCursor === null : cursors.length === 0)) return false;
    setCursors(step === "next" && nextCursor !== null ? [...cursors, nextCursor] : cursors.slice(0, -1));
    return true;
  };
  return (
    <>
      <ExampleFilters
        datasetId={datasetId}
        filter={filter}
        onChange={(next) => {
          setFilter(next);
          setCursors([]);
        }}
      />
      {examples.error !== null ? (
        <ErrorNote error={examples.error} onRetry={() => void examples.refetch()} />
      ) : examples.data === undefined ? (
        <Card>
          <Skeleton label={t("common.loading")} rows={6} />
        </Card>
      ) : (
        <ExampleList
          datasetId={datasetId}
          examples={examples.data.items}
          turning={examples.isPlaceholderData}
          onTurn={turn}
        />
      )}
      <Pager cursors={cursors} nextCursor={nextCursor} onTurn={setCursors} />
    </>
  );
}

/** A job that is adding examples, until it has. */
function Drafting({ datasetId }: { datasetId: string }) {
  const { t } = useTranslation();
  const search: { job?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const job = useJob(search.job ?? null);
  const reload = useRef(useReloadExamples(datasetId));
  const ended = job.data !== undefined && jobEnded(job.data);
  const failed = ended && job.data.status !== "succeeded";
  useEffect(() => {
    if (!ended) return;
    reload.current();
    if (!failed) void navigate({ to: ".", search: {}, replace: true });
  }, [ended, failed, navigate]);
  if (search.job === undefined) return null;
  if (failed)
    return (
      <p role="alert" className="mb-5 rounded-xl bg-danger-soft px-5 py-4 text-sm text-danger">
        {t("adapt.datasets.draftFailed")} {job.data.error?.detail}
      </p>
    );
  const { done, total } = job.data?.progress ?? { done: 0, total: null };
  return (
    <Card className="mb-5 px-5 py-4">
      <p role="status" className="mb-2 text-sm">
        {t("adapt.datasets.drafting")}
      </p>
      <ProgressBar label={t("adapt.datasets.drafting")} value={total === null || total === 0 ? null : done / total} />
    </Card>
  );
}
