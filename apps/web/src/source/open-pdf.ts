/**
 * pdf.js, its worker and its data, all from our own origin. The legacy build also runs in browsers of the last years;
 * no eval and no WebAssembly, since the page's CSP allows neither. Scripts inside PDFs are never run.
 */
import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";

GlobalWorkerOptions.workerSrc = workerUrl;
const MAX_IMAGE_PIXELS = 50_000_000;

export type Pdf = PDFDocumentProxy;

/** Opens the PDF at `url`; `close` frees the worker. */
export function openPdf(url: string): { pdf: Promise<Pdf>; close: () => void } {
  const task = getDocument({
    url,
    cMapUrl: "/pdfjs/cmaps/",
    standardFontDataUrl: "/pdfjs/standard_fonts/",
    wasmUrl: "/pdfjs/wasm/",
    iccUrl: "/pdfjs/iccs/",
    useWasm: false,
    enableXfa: false,
    maxImageSize: MAX_IMAGE_PIXELS,
  });
  return { pdf: task.promise, close: () => void task.destroy().catch(() => undefined) };
}
