/** A laid-out page as PDF/A-2b, through pdfkit. */
import PDFDocument from 'pdfkit';
import type { Artwork, Block, Page, PlacedLine } from './page.ts';
import type { CertificateLanguage } from './template.ts';

export interface DocumentFacts {
  readonly title: string;
  readonly author: string;
  readonly subject: string;
  readonly language: CertificateLanguage;
  readonly created: Date;
}

/** An empty document. The same facts give the same bytes: pdfkit derives the file's id from them. */
export function openDocument(page: Page, facts: DocumentFacts): PDFKit.PDFDocument {
  return new PDFDocument({
    size: [page.width, page.height],
    margin: 0,
    pdfVersion: '1.7',
    subset: 'PDF/A-2b',
    tagged: true,
    lang: facts.language,
    displayTitle: true,
    // No font by default: the standard ones cannot be embedded.
    font: null as unknown as string,
    info: {
      Title: facts.title,
      Author: facts.author,
      Subject: facts.subject,
      Producer: 'Huimin Kiosk',
      Creator: 'Huimin Kiosk',
      CreationDate: facts.created,
      ModDate: facts.created,
    },
  });
}

const paint = (document: PDFKit.PDFDocument, page: Page, artwork: Artwork, name: string): void => {
  const form = document.ref({
    Type: 'XObject',
    Subtype: 'Form',
    BBox: [0, 0, page.width, page.height],
    Resources: {},
    Filter: 'FlateDecode',
  });
  form.write(artwork.deflated);
  form.end(undefined);
  document.page.xobjects[name] = form;
  document.addContent(`/${name} Do`);
};

const write = (document: PDFKit.PDFDocument, { line, x, y, size, spacing, colour }: PlacedLine): void => {
  document.fontSize(size).fillColor(colour);
  let left = x;
  for (const run of line.runs) {
    // pdfkit takes parsed fonts (`font()` asks for a `layout` method), which its types do not say.
    document.registerFont(run.face.name, run.face.font as unknown as Buffer).font(run.face.name);
    document.text(run.text, left, y, {
      lineBreak: false,
      baseline: 'alphabetic',
      ...(spacing === 0 ? {} : { characterSpacing: spacing }),
      ...(run.figures ? { features: ['hwid'] } : {}),
    });
    left += run.width;
  }
};

/** Draws the page and its structure for screen readers. The document still has to be ended. */
export function drawPage(document: PDFKit.PDFDocument, page: Page): void {
  let drawings = 0;
  const paintNext = (artwork: Artwork): void => {
    drawings += 1;
    paint(document, page, artwork, `D${drawings}`);
  };
  for (const artwork of page.decoration) {
    document.markContent('Artifact', { type: 'Layout' });
    paintNext(artwork);
    document.endMarkedContent();
  }
  const writeAll = (lines: readonly PlacedLine[]) => () => {
    for (const line of lines) write(document, line);
  };
  const element = (block: Block): PDFKit.PDFStructureElement => {
    switch (block.kind) {
      case 'text':
        return document.struct(block.tag, { lang: block.language }, [writeAll(block.lines)]);
      case 'figure':
        return document.struct('Figure', { alt: block.alt }, [() => paintNext(block.artwork)]);
      case 'table':
        return document.struct(
          'Table',
          {},
          block.rows.map((row) =>
            document.struct('TR', {}, [
              document.struct('TH', {}, [writeAll(row.label)]),
              document.struct('TD', {}, [writeAll(row.value)]),
            ]),
          ),
        );
    }
  };
  document.addStructure(document.struct('Document', {}, page.blocks.map(element)));
}
