/** What a certificate printer can do, as it says itself. */
export interface CertificatePrinterCapabilities {
  readonly protocol: 'ipp' | 'windows-spooler';
  /** e.g. `HP LaserJet Pro 4003`. Null here and below: not told, or not yet. */
  readonly makeAndModel: string | null;
  /** Operations by their names in RFC 8011, e.g. `Create-Job`, as far as this driver uses them. */
  readonly operations: readonly string[] | null;
  /** MIME types, e.g. `application/pdf`. */
  readonly formats: readonly string[] | null;
  /** Whether it takes PDF as it is. A Windows queue does not tell: then it is for the installer to know. */
  readonly pdf: boolean | null;
  /** Names as in PWG 5101.1, e.g. `iso_a4_210x297mm`. */
  readonly mediaSupported: readonly string[] | null;
  /** Of these, what lies in its trays. */
  readonly mediaReady: readonly string[] | null;
  /** e.g. `one-sided`, `two-sided-long-edge` */
  readonly sides: readonly string[] | null;
  /** The most copies of one job. */
  readonly maxCopies: number | null;
  /** Dots per inch, across; ascending. */
  readonly resolutions: readonly number[] | null;
  readonly color: boolean | null;
  /** Names of toner, ink and waste containers whose levels the status tells. */
  readonly supplies: readonly string[] | null;
}

export const unknownCapabilities = (
  protocol: CertificatePrinterCapabilities['protocol'],
): CertificatePrinterCapabilities => ({
  protocol,
  makeAndModel: null,
  operations: null,
  formats: null,
  pdf: null,
  mediaSupported: null,
  mediaReady: null,
  sides: null,
  maxCopies: null,
  resolutions: null,
  color: null,
  supplies: null,
});
