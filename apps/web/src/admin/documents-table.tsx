import type { CollectionResponse, DocumentResponse } from "@lorekeep/core";
import { Link } from "@tanstack/react-router";
import { Download, Ellipsis, FileText, Inbox, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { documentFileUrl, useDeleteDocument, useReprocess, type useDocuments } from "../queries.ts";
import { ConfirmDialog } from "../ui/dialog.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { errorText } from "../ui/error-text.ts";
import { Count, Size, When } from "../ui/formatted.tsx";
import { Menu } from "../ui/menu.tsx";
import { Card, Empty, Skeleton } from "../ui/page.tsx";
import { Cell, Row, Table } from "../ui/table.tsx";
import { toast } from "../ui/toast.tsx";
import { DocumentProblem, DocumentStatus } from "./document-status.tsx";
import { isOver, useUploads } from "./uploads.ts";

interface TableProps {
  documents: ReturnType<typeof useDocuments>;
  collections: readonly CollectionResponse[];
  filtered: boolean;
}

export function DocumentsTable({ documents, collections, filtered }: TableProps) {
  const { t } = useTranslation();
  const items = documents.data?.items;
  const uploading = useUploads().some((upload) => !isOver(upload));
  if (documents.error !== null) return <ErrorNote error={documents.error} onRetry={() => void documents.refetch()} />;
  // What is on its way in stands above this: "none yet" would contradict it.
  if (items === undefined || (items.length === 0 && !filtered && uploading))
    return (
      <Card>
        <Skeleton label={t("common.loading")} rows={6} />
      </Card>
    );
  if (items.length === 0)
    return (
      <Card>
        {filtered ? (
          <Empty icon={FileText} title={t("documents.noneFound")} body={t("documents.noneFoundBody")} />
        ) : (
          <Empty icon={Inbox} title={t("documents.none")} body={t("documents.noneBody")} />
        )}
      </Card>
    );
  const names = new Map(collections.map((collection) => [collection.id, collection.name]));
  const columns = ["name", "status", "size", "chunks", "pages", "updated"] as const;
  return (
    <Card className="overflow-hidden">
      <Table
        label={t("documents.title")}
        head={[
          ...columns.map((column) => t(`documents.columns.${column}`)),
          <span key="actions" className="sr-only">
            {t("common.actions")}
          </span>,
        ]}
      >
        {items.map((document) => (
          <DocumentRow
            key={document.id}
            document={document}
            collection={names.size > 1 ? names.get(document.collectionId) : undefined}
          />
        ))}
      </Table>
    </Card>
  );
}

function DocumentRow({ document, collection }: { document: DocumentResponse; collection: string | undefined }) {
  const { t } = useTranslation();
  return (
    <Row data-testid="document-row" data-status={document.status}>
      <Cell wide>
        <Link
          to="/admin/documents/$documentId"
          params={{ documentId: document.id }}
          className="font-medium break-words hover:text-accent hover:underline"
        >
          {document.name}
        </Link>
        <span className="block text-[13px] break-words text-muted">
          {[
            collection,
            document.externalId?.includes("/") === true && document.externalId,
            document.versionNumber > 1 && t("documents.version", { number: document.versionNumber }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        <DocumentProblem document={document} />
      </Cell>
      <Cell name={t("documents.columns.status")}>
        <DocumentStatus document={document} />
      </Cell>
      <Cell name={t("documents.columns.size")}>
        <Size bytes={document.sizeBytes} />
      </Cell>
      <Cell name={t("documents.columns.chunks")}>
        <Count value={document.chunkCount} />
      </Cell>
      <Cell name={t("documents.columns.pages")}>
        {document.pageCount === null ? <span className="text-faint">–</span> : <Count value={document.pageCount} />}
      </Cell>
      <Cell name={t("documents.columns.updated")}>
        <span className="text-muted">
          <When at={document.updatedAt} />
        </span>
      </Cell>
      <Cell end corner>
        <DocumentMenu document={document} />
      </Cell>
    </Row>
  );
}

export function DocumentMenu({ document, onDeleted }: { document: DocumentResponse; onDeleted?: () => void }) {
  const { t } = useTranslation();
  const reprocess = useReprocess();
  const remove = useDeleteDocument();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Menu
        label={t("documents.menu", { name: document.name })}
        icon={Ellipsis}
        items={[
          {
            label: t("documents.reprocess"),
            icon: RotateCw,
            disabled: document.status === "queued" || document.status === "processing",
            onSelect: () =>
              reprocess.mutate(document.id, {
                onSuccess: () => toast(t("documents.reprocessing", { name: document.name })),
                onError: (error) => toast(errorText(error, t).title),
              }),
          },
          {
            label: t("source.download"),
            icon: Download,
            onSelect: () => location.assign(documentFileUrl(document.id)),
          },
          { label: t("common.delete"), icon: Trash2, danger: true, onSelect: () => setAsking(true) },
        ]}
      />
      {asking && (
        <ConfirmDialog
          danger
          title={t("documents.deleteTitle")}
          body={t("documents.deleteBody", { name: document.name })}
          confirmLabel={t("common.delete")}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await remove.mutateAsync(document.id);
            toast(t("documents.deleted", { name: document.name }));
            onDeleted?.();
          }}
        />
      )}
    </>
  );
}
