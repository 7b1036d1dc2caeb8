/** The signature of a PDF (ISO 32000-1, 12.8): room for it while the document is made, and filling it afterwards. */
import { SignPdf } from '@signpdf/signpdf';
import { ANNOTATION_FLAGS, DEFAULT_BYTE_RANGE_PLACEHOLDER, SIG_FLAGS, Signer } from '@signpdf/utils';
import type { DocumentSigner } from './cms.ts';

export interface SignatureFacts {
  /** Who signs. */
  readonly name: string;
  readonly reason: string;
  readonly signedAt: Date;
}

/** The part of pdfkit's document that its types leave out. */
interface DocumentRoot {
  readonly _root: { readonly data: { readonly AcroForm: { data: Record<string, unknown> } } };
}

/**
 * Adds an invisible signature field with room for the signer's container, before the document is ended. It belongs to
 * the file's only revision: an incremental update by @signpdf/placeholder-plain loses the file's ID, which PDF/A-2
 * demands (ISO 19005-2, 6.1.3), and parses the whole file again. A font must have been set.
 */
export function reserveSignature(
  document: PDFKit.PDFDocument,
  facts: SignatureFacts,
  signer: Pick<DocumentSigner, 'subFilter' | 'capacity'>,
): void {
  const signature = document.ref({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: signer.subFilter,
    // pdfkit writes these strings as names, which is what signpdf looks for.
    ByteRange: [
      0,
      DEFAULT_BYTE_RANGE_PLACEHOLDER,
      DEFAULT_BYTE_RANGE_PLACEHOLDER,
      DEFAULT_BYTE_RANGE_PLACEHOLDER,
    ],
    Contents: new Uint8Array(signer.capacity),
    M: facts.signedAt,
    // pdfkit tells text (String objects) from names (strings).
    Name: new String(facts.name),
    Reason: new String(facts.reason),
  });
  signature.end(undefined);
  const widget = document.ref({
    Type: 'Annot',
    Subtype: 'Widget',
    FT: 'Sig',
    T: new String('Signature'),
    V: signature,
    Rect: [0, 0, 0, 0],
    F: ANNOTATION_FLAGS.PRINT,
    P: document.page.dictionary,
  });
  widget.end(undefined);
  document.page.annotations.push(widget);
  document.initForm();
  const form = (document as unknown as DocumentRoot)._root.data.AcroForm;
  // A viewer that made its own appearances would change what was signed (ISO 19005-2, 6.4.1).
  form.data = {
    Fields: [widget],
    SigFlags: SIG_FLAGS.SIGNATURES_EXIST | SIG_FLAGS.APPEND_ONLY,
    DR: { Font: {} },
  };
}

/** Our signer in the shape signpdf asks for. */
class SignerAdapter extends Signer {
  readonly #signer: DocumentSigner;
  constructor(signer: DocumentSigner) {
    super();
    this.#signer = signer;
  }
  override async sign(covered: Buffer): Promise<Buffer> {
    return Buffer.from(await this.#signer.sign(covered));
  }
}

/** Signs an ended document that has room for a signature; throws when it has none. */
export async function signPdf(pdf: Uint8Array, signer: DocumentSigner): Promise<Uint8Array> {
  return new SignPdf().sign(
    Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength),
    new SignerAdapter(signer),
  );
}
