import type { Dataset } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Library, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDatasets } from "../adaptation-queries.ts";
import { useCollections } from "../queries.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Count, When } from "../ui/formatted.tsx";
import { Card, Empty, Skeleton } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { AdaptPage } from "./adapt-page.tsx";
import { CreateDatasetDialog } from "./create-dataset-dialog.tsx";

const COLUMNS = ["name", "examples", "pending", "fresh", "updated"] as const;

export function DatasetsPage() {
  const { t } = useTranslation();
  const datasets = useDatasets();
  const [creating, setCreating] = useState(false);
  const create = (
    <Button weight="primary" icon={Plus} onClick={() => setCreating(true)}>
      {t("adapt.datasets.create")}
    </Button>
  );
  return (
    <AdaptPage title={t("adapt.datasets.title")} lead={t("adapt.datasets.lead")} actions={create}>
      {datasets.error !== null && datasets.data === undefined ? (
        <ErrorNote error={datasets.error} onRetry={() => void datasets.refetch()} />
      ) : datasets.data === undefined ? (
        <Skeleton label={t("common.loading")} rows={5} />
      ) : datasets.data.length === 0 ? (
        <Card>
          <Empty icon={Library} title={t("adapt.datasets.none")} body={t("adapt.datasets.noneBody")} />
        </Card>
      ) : (
        <Card className="overflow-hidden">
          <Table
            label={t("adapt.datasets.title")}
            head={COLUMNS.map((column) => t(`adapt.datasets.columns.${column}`))}
          >
            {datasets.data.map((dataset) => (
              <DatasetRow key={dataset.id} dataset={dataset} />
            ))}
          </Table>
        </Card>
      )}
      {creating && <CreateDatasetDialog onClose={() => setCreating(false)} />}
    </AdaptPage>
  );
}

function DatasetRow({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const collection = useCollections().data?.find(({ id }) => id === dataset.collectionId)?.name;
  return (
    <Row data-testid="dataset-row">
      <Cell wide>
        <Link
          to="/admin/adapt/datasets/$datasetId"
          params={{ datasetId: dataset.id }}
          className="font-medium break-words hover:text-accent hover:underline"
        >
          {dataset.name}
        </Link>
        <span className="block text-[13px] break-words text-muted">
          {[
            collection,
            dataset.counts.unanswerable > 0 && t("adapt.datasets.unanswerable", { count: dataset.counts.unanswerable }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </Cell>
      <Cell name={t("adapt.datasets.columns.examples")}>
        <Count value={dataset.exampleCount} />
      </Cell>
      <Cell name={t("adapt.datasets.columns.pending")}>
        {dataset.counts.pending === 0 ? (
          <span className="text-faint">–</span>
        ) : (
          <Badge tone="warn">{t("adapt.datasets.pending", { count: dataset.counts.pending })}</Badge>
        )}
      </Cell>
      <Cell name={t("adapt.datasets.columns.fresh")}>
        {dataset.newSinceLastFineTune === 0 ? (
          <span className="text-faint">–</span>
        ) : (
          <Link
            to="/admin/adapt/train"
            search={{ dataset: dataset.id }}
            className="text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent"
          >
            {t("adapt.datasets.fresh", { count: dataset.newSinceLastFineTune })}
          </Link>
        )}
      </Cell>
      <Cell name={t("adapt.datasets.columns.updated")}>
        <span className="text-muted">
          <When at={dataset.updatedAt} />
        </span>
      </Cell>
    </Row>
  );
}
