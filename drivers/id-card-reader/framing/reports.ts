/** HID reports of 64 bytes, without a report number. */
export const REPORT_BYTES = 64;

/**
 * Cuts what arrives into reports. A HID port hands over one report at a time; where a report arrives in pieces they
 * are put together, and a chunk of a whole report's size always begins anew.
 */
export class ReportCutter {
  private partial = new Uint8Array(0);

  /** The reports (copies, for the caller to wipe) that this chunk completed. */
  push(chunk: Uint8Array): Uint8Array[] {
    if (chunk.length === REPORT_BYTES) {
      this.keep(new Uint8Array(0));
      return [chunk.slice()];
    }
    const joined = new Uint8Array(this.partial.length + chunk.length);
    joined.set(this.partial);
    joined.set(chunk, this.partial.length);
    const reports: Uint8Array[] = [];
    let at = 0;
    for (; at + REPORT_BYTES <= joined.length; at += REPORT_BYTES) {
      reports.push(joined.slice(at, at + REPORT_BYTES));
    }
    this.keep(joined.slice(at));
    joined.fill(0);
    return reports;
  }

  private keep(bytes: Uint8Array<ArrayBuffer>): void {
    this.partial.fill(0);
    this.partial = bytes;
  }
}
