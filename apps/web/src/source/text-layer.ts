/**
 * The words of a drawn PDF page as invisible, selectable text above it: pdf.js places the spans (its TextLayer), app.css says
 * how they look. Everything is set through CSSOM, so the page's policy needs no unsafe-inline.
 *
 * Browsers run a selection on to the end of the page as soon as the pointer leaves the words. A filler that cannot be
 * selected, kept right behind the word where the selection ends, stops that (as pdf.js's own viewer does).
 */
import { TextLayer, type PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";

const FILLER = "pdf-text-filler";
const SELECTING = "data-selecting";

export interface TextLayerOptions {
  readonly page: PDFPageProxy;
  /** Emptied and filled; covers the page exactly. */
  readonly container: HTMLElement;
  /** Screen pixels per point. */
  readonly scale: number;
  readonly signal: AbortSignal;
}

/** Rejects when the page's text cannot be read; is quiet when given up. */
export async function placeText({ page, container, scale, signal }: TextLayerOptions): Promise<void> {
  container.replaceChildren();
  const viewport = page.getViewport({ scale });
  const layer = new TextLayer({ textContentSource: page.streamTextContent(), container, viewport });
  signal.addEventListener("abort", () => layer.cancel(), { once: true });
  try {
    await layer.render();
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  const filler = document.createElement("div");
  filler.className = FILLER;
  container.append(filler);
  container.addEventListener("pointerdown", () => container.setAttribute(SELECTING, ""), { signal });
}

/** Keeps fillers where selections end, for all pages inside `root`, until `signal` fires. */
export function guardSelection(root: HTMLElement, signal: AbortSignal): void {
  let before: Range | null = null;
  const rest = (): void => {
    for (const layer of root.querySelectorAll(`[${SELECTING}]`)) {
      layer.removeAttribute(SELECTING);
      const filler = layer.querySelector(`.${FILLER}`);
      if (filler) layer.append(filler);
    }
    before = null;
  };
  const follow = (): void => {
    const selection = getSelection();
    const layers = root.querySelectorAll(`[${SELECTING}]`);
    if (layers.length === 0 || selection === null || selection.rangeCount === 0) return;
    const range = selection.getRangeAt(0);
    const movesStart =
      before !== null && (sameEnd(range, before) || range.compareBoundaryPoints(Range.START_TO_END, before) === 0);
    before = range.cloneRange();
    const word = wordAt(range, movesStart);
    const filler = word?.closest("[data-testid=pdf-text]")?.querySelector(`.${FILLER}`);
    if (word?.parentElement && filler) word.parentElement.insertBefore(filler, movesStart ? word : word.nextSibling);
  };
  document.addEventListener("selectionchange", follow, { signal });
  for (const event of ["pointerup", "pointercancel", "blur"]) window.addEventListener(event, rest, { signal });
}

const sameEnd = (a: Range, b: Range): boolean => a.compareBoundaryPoints(Range.END_TO_END, b) === 0;

/** The span in which the moving end of the range lies. */
function wordAt(range: Range, atStart: boolean): Element | null {
  let node: Node | null = atStart ? range.startContainer : range.endContainer;
  if (!atStart && range.endOffset === 0) {
    // At the very beginning of a node: the word before it is the last one selected.
    while (node !== null && node.previousSibling === null) node = node.parentNode;
    node = node?.previousSibling ?? null;
  }
  return node instanceof Element ? node : (node?.parentElement ?? null);
}
