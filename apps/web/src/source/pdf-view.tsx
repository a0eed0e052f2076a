/** A PDF as its pages, opened at the marked passage. Pages are drawn only when near; a passage may cross pages (F3). */
import { ChevronDown, ChevronUp, LocateFixed, ZoomIn, ZoomOut } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { documentFileUrl } from "../queries.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Skeleton } from "../ui/page.tsx";
import type { Box } from "./highlight.ts";
import { openPdf, type Pdf } from "./open-pdf.ts";
import { PdfPage, type PageSize } from "./pdf-page.tsx";
import { guardSelection } from "./text-layer.ts";

const MARGIN_PX = 32;
const GAP_PX = 12;
const ZOOM_STEP = 1.25;

interface PdfViewProps {
  documentId: string;
  page: number;
  boxes: readonly Box[];
  onUnreadable: () => void;
}

type Loaded = { readonly pdf: Pdf; readonly size: PageSize } | "failed" | null;

function usePdf(documentId: string, page: number): Loaded {
  const [loaded, setLoaded] = useState<Loaded>(null);
  const first = useRef(page);
  useEffect(() => {
    let current = true;
    const { pdf, close } = openPdf(documentFileUrl(documentId));
    pdf
      .then(async (document) => {
        const shown = await document.getPage(Math.min(first.current, document.numPages));
        const { width, height } = shown.getViewport({ scale: 1 });
        if (current) setLoaded({ pdf: document, size: { width, height } });
      })
      .catch(() => {
        if (current) setLoaded("failed");
      });
    return () => {
      current = false;
      close();
    };
  }, [documentId]);
  return loaded;
}

export function PdfView({ documentId, page, boxes, onUnreadable }: PdfViewProps) {
  const { t } = useTranslation();
  const loaded = usePdf(documentId, page);
  if (loaded === "failed")
    return (
      <div className="flex flex-col items-start gap-3 p-5">
        <p className="text-muted">{t("source.pdfFailed")}</p>
        <Button size="sm" onClick={onUnreadable}>
          {t("source.showText")}
        </Button>
      </div>
    );
  if (loaded === null) return <Skeleton label={t("common.loading")} rows={10} />;
  return <Pages pdf={loaded.pdf} size={loaded.size} page={page} boxes={boxes} />;
}

interface PagesProps {
  pdf: Pdf;
  size: PageSize;
  page: number;
  boxes: readonly Box[];
}

function Pages({ pdf, size, page, boxes }: PagesProps) {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState<number | null>(null);
  const [zoom, setZoom] = useState(1);
  const [shown, setShown] = useState(page);
  const target = boxes[0]?.page ?? page;
  const scale = width === null ? null : ((width - MARGIN_PX) / size.width) * zoom;

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const resized = new ResizeObserver(() => setWidth(element.clientWidth));
    resized.observe(element);
    const gone = new AbortController();
    guardSelection(element, gone.signal);
    return () => {
      resized.disconnect();
      gone.abort();
    };
  }, []);
  const ready = scale !== null;
  useEffect(() => {
    if (ready) goTo(scroller.current, target);
  }, [ready, target, boxes]);

  const track = () => {
    const element = scroller.current;
    const middle = element ? element.scrollTop + element.clientHeight / 3 : 0;
    const sheets = [...(element?.querySelectorAll<HTMLElement>("[data-page]") ?? [])];
    const at = sheets.findLast((sheet) => sheet.offsetTop <= middle);
    if (at) setShown(Number(at.dataset["page"]));
  };
  const turn = (step: number) => goTo(scroller.current, Math.min(pdf.numPages, Math.max(1, shown + step)), false);

  return (
    <div className="flex h-full flex-col">
      <div className="flex items-center gap-0.5 border-b border-line px-3 py-1 text-[13px] text-muted">
        <IconButton small icon={ChevronUp} label={t("source.previousPage")} onClick={() => turn(-1)} />
        <IconButton small icon={ChevronDown} label={t("source.nextPage")} onClick={() => turn(1)} />
        <span className="px-1.5 whitespace-nowrap tabular-nums" data-testid="pdf-page">
          {t("source.pageOf", { page: shown, count: pdf.numPages })}
        </span>
        <span className="flex-1" />
        {boxes.length > 0 && (
          <Button size="sm" weight="ghost" icon={LocateFixed} onClick={() => goTo(scroller.current, target)}>
            <span className="max-sm:sr-only">{t("source.toPassage")}</span>
          </Button>
        )}
        <IconButton
          small
          icon={ZoomOut}
          label={t("source.zoomOut")}
          disabled={zoom <= 0.5}
          onClick={() => setZoom(zoom / ZOOM_STEP)}
        />
        <IconButton
          small
          icon={ZoomIn}
          label={t("source.zoomIn")}
          disabled={zoom >= 4}
          onClick={() => setZoom(zoom * ZOOM_STEP)}
        />
      </div>
      <div
        ref={scroller}
        data-pdf-scroller
        tabIndex={0}
        role="region"
        aria-label={t("source.pages")}
        onScroll={track}
        className="relative min-h-0 flex-1 overflow-auto bg-sunk py-4"
      >
        {scale !== null && (
          <div className="flex w-max min-w-full flex-col px-4" style={{ gap: GAP_PX }}>
            {Array.from({ length: pdf.numPages }, (_, index) => (
              <PdfPage
                key={index}
                pdf={pdf}
                number={index + 1}
                estimate={size}
                scale={scale}
                boxes={boxes.filter((box) => box.page === index + 1)}
              />
            ))}
          </div>
        )}
      </div>
    </div>
  );
}

/** To the first box of the page, a third down the window; to the page's top when it has none. */
function goTo(scroller: HTMLElement | null, page: number, toBox = true): void {
  const sheet = scroller?.querySelector<HTMLElement>(`[data-page="${page}"]`);
  if (!scroller || !sheet) return;
  const box = toBox ? sheet.querySelector<HTMLElement>("[data-testid=highlight]") : null;
  const top = box === null ? sheet.offsetTop - GAP_PX : sheet.offsetTop + box.offsetTop - scroller.clientHeight / 3;
  const left =
    box === null ? 0 : Math.max(0, sheet.offsetLeft + box.offsetLeft + box.offsetWidth - scroller.clientWidth);
  scroller.scrollTo({ top, left });
}
