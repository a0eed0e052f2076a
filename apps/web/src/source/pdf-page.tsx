/** One page: an empty sheet of the right size until it comes near the window, then a canvas, boxes over it, and its text to select. */
import { useEffect, useRef, useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Box } from "./highlight.ts";
import type { Pdf } from "./open-pdf.ts";
import { placeText } from "./text-layer.ts";

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

interface PdfPageProps {
  pdf: Pdf;
  number: number;
  /** In points, until the page says its own. */
  estimate: PageSize;
  scale: number;
  boxes: readonly Box[];
}

const NEAR = "800px 0px";
const MAX_DENSITY = 2;

export function PdfPage({ pdf, number, estimate, scale, boxes }: PdfPageProps) {
  const { t } = useTranslation();
  const sheet = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const words = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  const [size, setSize] = useState(estimate);

  useEffect(() => {
    if (!sheet.current) return;
    const watch = new IntersectionObserver(([entry]) => setNear(entry?.isIntersecting === true), {
      root: sheet.current.closest("[data-pdf-scroller]"),
      rootMargin: NEAR,
    });
    watch.observe(sheet.current);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    const target = canvas.current;
    const container = words.current;
    if (!near || target === null || container === null) return;
    const stop = new AbortController();
    void paint(pdf, number, { canvas: target, words: container, scale, signal: stop.signal }).then((real) => {
      if (real !== null) setSize(real);
    });
    return () => stop.abort();
  }, [near, pdf, number, scale]);

  return (
    <div
      ref={sheet}
      data-page={number}
      className="relative mx-auto bg-white shadow-card ring-1 ring-black/10"
      style={{ width: size.width * scale, height: size.height * scale, "--total-scale-factor": scale } as CSSProperties}
    >
      {near && <canvas ref={canvas} role="img" aria-label={t("source.page", { page: number })} className="size-full" />}
      {boxes.map((box, index) => (
        <div
          key={index}
          data-testid="highlight"
          className="absolute rounded-[2px] bg-[#ffc933]/60 mix-blend-multiply ring-2 ring-[#ffc933]/60"
          style={{ left: box.x * scale, top: box.y * scale, width: box.width * scale, height: box.height * scale }}
        />
      ))}
      {near && <div ref={words} data-testid="pdf-text" className="pdf-text" />}
    </div>
  );
}

interface PaintOptions {
  readonly canvas: HTMLCanvasElement;
  readonly words: HTMLElement;
  readonly scale: number;
  readonly signal: AbortSignal;
}

/** Draws the page and gives its size in points; null when it was given up or cannot be drawn. */
async function paint(
  pdf: Pdf,
  number: number,
  { canvas, words, scale, signal }: PaintOptions,
): Promise<PageSize | null> {
  try {
    const page = await pdf.getPage(number);
    if (signal.aborted) return null;
    const density = Math.min(devicePixelRatio, MAX_DENSITY);
    const viewport = page.getViewport({ scale: scale * density });
    canvas.width = Math.floor(viewport.width);
    canvas.height = Math.floor(viewport.height);
    const task = page.render({ canvas, viewport });
    signal.addEventListener("abort", () => task.cancel());
    await task.promise;
    // Text that cannot be read leaves a page that can be looked at.
    await placeText({ page, container: words, scale, signal }).catch(() => words.replaceChildren());
    return { width: viewport.width / scale / density, height: viewport.height / scale / density };
  } catch {
    // Cancelled by the next size, or a page that pdf.js cannot draw: the text view remains.
    return null;
  }
}
