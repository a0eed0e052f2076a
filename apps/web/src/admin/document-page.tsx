/** One document: its facts, how its processing went, its chunks, and its parsed text. */
import type { DocumentResponse } from "@lorekeep/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import clsx from "clsx";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SummariseButton } from "../chat/summarise-button.tsx";
import { useChunks, useDocument } from "../queries.ts";
import { TextView } from "../source/text-view.tsx";
import { Badge } from "../ui/badge.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Count, Duration, Size, When } from "../ui/formatted.tsx";
import { Card, Page, Section, Skeleton } from "../ui/page.tsx";
import { Pager } from "../ui/table.tsx";
import { DocumentProblem, DocumentStatus } from "./document-status.tsx";
import { DocumentMenu } from "./documents-table.tsx";

export function DocumentPage() {
  const { t } = useTranslation();
  const { documentId = "" } = useParams({ strict: false });
  const navigate = useNavigate();
  const document = useDocument(documentId);
  const [tab, setTab] = useState<"chunks" | "text">("chunks");
  const back = (
    <Link to="/admin/documents" className="mb-4 inline-flex items-center gap-1.5 text-sm text-muted hover:text-ink">
      <ArrowLeft aria-hidden className="size-4" />
      {t("documents.title")}
    </Link>
  );
  if (document.data === undefined)
    return (
      <Page title={t("documents.one")} above={back}>
        {document.error === null ? (
          <Skeleton label={t("common.loading")} rows={6} />
        ) : (
          <ErrorNote error={document.error} onRetry={() => void document.refetch()} />
        )}
      </Page>
    );
  const { data } = document;
  return (
    <Page
      title={data.name}
      lead={data.title !== null && data.title !== data.name ? data.title : undefined}
      above={back}
      actions={
        <>
          {data.chunkCount > 0 && <SummariseButton document={data} />}
          <DocumentMenu document={data} onDeleted={() => void navigate({ to: "/admin/documents" })} />
        </>
      }
    >
      <Facts document={data} />
      {data.warnings.length > 0 && (
        <ul className="mt-4 rounded-xl bg-warn-soft px-4 py-3 text-sm text-warn">
          {data.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <Stages document={data} />
      <div role="tablist" aria-label={t("documents.content")} className="mt-9 flex gap-1 border-b border-line">
        {(["chunks", "text"] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="document-content"
            onClick={() => setTab(name)}
            className={clsx(
              "-mb-px border-b-2 px-3 py-2 text-sm font-medium",
              tab === name ? "border-accent text-ink" : "border-transparent text-muted hover:text-ink",
            )}
          >
            {t(`documents.tabs.${name}`)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="document-content" aria-labelledby={`tab-${tab}`} className="pt-5">
        {tab === "chunks" ? (
          <Chunks key={data.versionNumber} documentId={data.id} />
        ) : (
          <Card className="h-[70vh] overflow-hidden">
            <TextView documentId={data.id} ordinal={0} span={null} />
          </Card>
        )}
      </div>
    </Page>
  );
}

function Facts({ document }: { document: DocumentResponse }) {
  const { t } = useTranslation();
  const facts = [
    [t("documents.columns.status"), <DocumentStatus key="status" document={document} />],
    [t("documents.columns.size"), <Size key="size" bytes={document.sizeBytes} />],
    [t("documents.columns.chunks"), <Count key="chunks" value={document.chunkCount} />],
    [
      t("documents.columns.pages"),
      document.pageCount === null ? "–" : <Count key="pages" value={document.pageCount} />,
    ],
    [t("documents.type"), document.mediaType],
    [t("documents.language"), document.language === null ? "–" : t(`languages.${document.language}`)],
    [t("documents.versionLabel"), document.versionNumber],
    [t("documents.columns.updated"), <When key="updated" at={document.updatedAt} />],
  ] as const;
  return (
    <Card className="p-5">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 text-sm sm:grid-cols-4">
        {facts.map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-[13px] text-muted">{name}</dt>
            <dd className="mt-0.5 font-medium break-words">{value}</dd>
          </div>
        ))}
      </dl>
      <DocumentProblem document={document} />
    </Card>
  );
}

function Stages({ document }: { document: DocumentResponse }) {
  const { t } = useTranslation();
  if (document.stages.length === 0) return null;
  return (
    <Section title={t("documents.processing")}>
      <ol className="flex flex-wrap gap-2">
        {document.stages.map((stage) => (
          <li
            key={stage.name}
            className="min-w-28 rounded-xl border border-line bg-surface px-4 py-2.5 text-sm shadow-card"
          >
            <span className="block font-medium">{t(`documents.stages.${stage.name}`)}</span>
            <span className="text-[13px] text-muted">
              {stage.durationMs === null ? t("documents.underWay") : <Duration ms={stage.durationMs} />}
              {stage.total !== null && ` · ${stage.done}/${stage.total}`}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

function Chunks({ documentId }: { documentId: string }) {
  const { t } = useTranslation();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const chunks = useChunks(documentId, cursors.at(-1));
  if (chunks.error !== null) return <ErrorNote error={chunks.error} onRetry={() => void chunks.refetch()} />;
  if (chunks.data === undefined) return <Skeleton label={t("common.loading")} rows={6} />;
  if (chunks.data.items.length === 0) return <p className="text-muted">{t("documents.noChunks")}</p>;
  return (
    <>
      <ol className="flex flex-col gap-3">
        {chunks.data.items.map((chunk) => (
          <li key={chunk.id} className="rounded-xl border border-line bg-surface p-4 shadow-card">
            <p className="flex flex-wrap items-center gap-2 text-[13px] text-muted">
              <Badge>{chunk.ordinal + 1}</Badge>
              {chunk.page !== null && <span>{t("source.page", { page: chunk.page })}</span>}
              <span>{t("documents.tokens", { count: chunk.tokenCount })}</span>
              <span className="min-w-0 truncate">{chunk.headings.join(" › ")}</span>
            </p>
            <p className="mt-2 font-serif text-[0.95rem] leading-relaxed break-words whitespace-pre-wrap">
              {chunk.text}
            </p>
          </li>
        ))}
      </ol>
      <Pager cursors={cursors} nextCursor={chunks.data.nextCursor} onTurn={setCursors} />
    </>
  );
}
