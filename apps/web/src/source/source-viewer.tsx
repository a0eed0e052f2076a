/** One document, opened at a passage: PDF pages with boxes over the words, or the parsed text with the span marked. */
import { Download, FileText, FileX2, NotebookText } from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { documentFileUrl, useDocument } from "../queries.ts";
import { IconButton } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { isNotFound } from "../ui/error-text.ts";
import { Empty, Skeleton } from "../ui/page.tsx";
import { boxesOf, type Span } from "./highlight.ts";
import { PaneHeader } from "./pane-header.tsx";
import { TextView } from "./text-view.tsx";
import { useSpanPages } from "./use-span-pages.ts";

const PdfView = lazy(async () => ({ default: (await import("./pdf-view.tsx")).PdfView }));

interface SourceViewerProps {
  documentId: string;
  page: number | null;
  span: Span | null;
  back: ReactNode;
  onClose: () => void;
}

export function SourceViewer({ documentId, page, span, back, onClose }: SourceViewerProps) {
  const { t } = useTranslation();
  const document = useDocument(documentId);
  const spanPages = useSpanPages(documentId, span, page);
  const [asText, setAsText] = useState(false);
  const isPdf = document.data?.mediaType === "application/pdf";
  const error = document.error ?? spanPages.error;
  return (
    <>
      <PaneHeader
        title={document.data?.title ?? document.data?.name ?? t("source.panes.source")}
        before={back}
        onClose={onClose}
        actions={
          document.data && (
            <>
              {isPdf && (
                <IconButton
                  small
                  icon={asText ? NotebookText : FileText}
                  label={asText ? t("source.showPages") : t("source.showText")}
                  onClick={() => setAsText(!asText)}
                />
              )}
              <a
                href={documentFileUrl(documentId)}
                download={document.data.name}
                aria-label={t("source.download")}
                title={t("source.download")}
                className="inline-flex size-8 items-center justify-center rounded-lg text-muted hover:bg-ink/6 hover:text-ink"
              >
                <Download aria-hidden className="size-4" />
              </a>
            </>
          )
        }
      />
      <div className="min-h-0 flex-1">
        {isNotFound(error) ? (
          <Empty icon={FileX2} title={t("source.goneTitle")} body={t("source.goneBody")} />
        ) : error !== null ? (
          <div className="p-4">
            <ErrorNote
              error={error}
              onRetry={() => {
                void document.refetch();
                void spanPages.refetch();
              }}
            />
          </div>
        ) : !document.data || !spanPages.data ? (
          <Skeleton label={t("common.loading")} rows={10} />
        ) : isPdf && !asText ? (
          <Suspense fallback={<Skeleton label={t("common.loading")} rows={10} />}>
            <PdfView
              documentId={documentId}
              boxes={span === null ? [] : boxesOf(spanPages.data.pages, span)}
              page={page ?? spanPages.data.ordinal + 1}
              onUnreadable={() => setAsText(true)}
            />
          </Suspense>
        ) : (
          <TextView
            key={`${spanPages.data.ordinal}-${span?.[0]}`}
            documentId={documentId}
            ordinal={spanPages.data.ordinal}
            span={span}
          />
        )}
      </div>
    </>
  );
}
