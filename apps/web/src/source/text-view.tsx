/** The parsed text around a passage, page by page, with the exact span marked and in view. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useDocumentText } from "../queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorNote } from "../ui/error-note.tsx";
import { Skeleton } from "../ui/page.tsx";
import { markText, type SourcePage, type Span } from "./highlight.ts";

const PAGES_BEFORE = 1;

export function TextView({ documentId, ordinal, span }: { documentId: string; ordinal: number; span: Span | null }) {
  const { t } = useTranslation();
  const text = useDocumentText(documentId, Math.max(0, ordinal - PAGES_BEFORE));
  const scroller = useRef<HTMLDivElement>(null);
  const loaded = text.data !== undefined;
  useEffect(() => {
    if (loaded) scroller.current?.querySelector("mark")?.scrollIntoView({ block: "center" });
  }, [loaded, span]);
  if (text.error !== null) return <ErrorNote error={text.error} onRetry={() => void text.refetch()} />;
  if (!loaded) return <Skeleton label={t("common.loading")} rows={10} />;
  const pages = eachOnce(text.data.pages.flatMap((part) => part.pages));
  const more = (label: string, run: () => Promise<unknown>, busy: boolean) => (
    <div className="flex justify-center py-3">
      <Button size="sm" busy={busy} onClick={() => void run()}>
        {label}
      </Button>
    </div>
  );
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label={t("source.text")}
      className="h-full overflow-y-auto px-5 py-4 sm:px-7"
    >
      {text.hasPreviousPage && more(t("source.earlier"), text.fetchPreviousPage, text.isFetchingPreviousPage)}
      {pages.map((page) => (
        <TextPage key={page.ordinal} page={page} span={span} />
      ))}
      {text.hasNextPage && more(t("source.later"), text.fetchNextPage, text.isFetchingNextPage)}
    </div>
  );
}

function TextPage({ page, span }: { page: SourcePage; span: Span | null }) {
  const { t } = useTranslation();
  const label = page.label ?? (page.page === null ? null : t("source.page", { page: page.page }));
  return (
    <section className="border-b border-line pb-5 last:border-0">
      {label !== null && <h3 className="mt-4 mb-2 text-xs font-semibold tracking-wide text-faint">{label}</h3>}
      <div className="font-serif text-[1.02rem] leading-[1.75] break-words whitespace-pre-wrap">
        {markText(page, span).map((piece, index) =>
          piece.marked ? (
            <mark key={index} data-testid="highlight">
              {piece.text}
            </mark>
          ) : (
            <span key={index}>{piece.text}</span>
          ),
        )}
      </div>
    </section>
  );
}

/** Parts asked for backwards may overlap those that are there. */
function eachOnce(pages: readonly SourcePage[]): SourcePage[] {
  return [...new Map(pages.map((page) => [page.ordinal, page])).values()].sort((a, b) => a.ordinal - b.ordinal);
}
