import type { PDFDocumentProxy } from 'pdfjs-dist';

const KEPT = 8;
const opened = new Map<string, Promise<PDFDocumentProxy>>();

/** pdf.js is large, so it is fetched when the first page comes out. */
const loadReader = async () => {
  const reader = await import('pdfjs-dist');
  reader.GlobalWorkerOptions.workerPort ??= new Worker(new URL('./pdf-worker.ts', import.meta.url), {
    type: 'module',
  });
  return reader;
};

/** Opens a PDF by its address; the latest ones stay open. */
export function openPdf(href: string): Promise<PDFDocumentProxy> {
  const known = opened.get(href);
  if (known) return known;
  // Kiosk certificates embed their fonts and hold no JPEG 2000, so the page's policy need not allow WebAssembly.
  const document = loadReader().then((reader) => reader.getDocument({ url: href, useWasm: false }).promise);
  opened.set(href, document);
  document.catch(() => opened.delete(href));
  const [oldest] = opened.keys();
  if (opened.size > KEPT && oldest !== undefined) {
    void opened.get(oldest)?.then((old) => old.loadingTask.destroy());
    opened.delete(oldest);
  }
  return document;
}
