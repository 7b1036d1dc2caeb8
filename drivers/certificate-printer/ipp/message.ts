/** An IPP message, taken apart (RFC 8010 3). */

/** RFC 8010 3.5.1 */
export const GROUP = { operation: 0x01, job: 0x02, printer: 0x04, unsupported: 0x05 } as const;

/** Value tags whose value is text, RFC 8010 3.5.2. */
export const TEXT_TAGS = {
  text: 0x41,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  uriScheme: 0x46,
  charset: 0x47,
  naturalLanguage: 0x48,
  mimeMediaType: 0x49,
} as const;
export const OUT_OF_BAND_TAGS = { unsupported: 0x10, unknown: 0x12, 'no-value': 0x13 } as const;

export type IppTextType = keyof typeof TEXT_TAGS;
export type IppOutOfBandType = keyof typeof OUT_OF_BAND_TAGS;

export type IppValue =
  | { readonly type: IppTextType; readonly value: string }
  | { readonly type: IppOutOfBandType }
  | { readonly type: 'integer' | 'enum'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'octetString'; readonly value: Uint8Array }
  /** RFC 2579 DateAndTime, 11 bytes. */
  | { readonly type: 'dateTime'; readonly value: Uint8Array }
  /** `unit`: 3 = per inch, 4 = per centimetre. */
  | { readonly type: 'resolution'; readonly x: number; readonly y: number; readonly unit: number }
  | { readonly type: 'range'; readonly lower: number; readonly upper: number }
  | {
      readonly type: 'textWithLanguage' | 'nameWithLanguage';
      readonly language: string;
      readonly value: string;
    }
  | { readonly type: 'collection'; readonly members: readonly IppAttribute[] }
  | { readonly type: 'other'; readonly tag: number; readonly value: Uint8Array };

export interface IppAttribute {
  readonly name: string;
  /** At least one. */
  readonly values: readonly IppValue[];
}

export interface IppGroup {
  readonly tag: number;
  readonly attributes: readonly IppAttribute[];
}

export interface IppMessage {
  /** e.g. [2, 0] */
  readonly version: readonly [number, number];
  /** The operation of a request, the status of a response. */
  readonly code: number;
  /** 1 to 2^31 - 1. */
  readonly requestId: number;
  readonly groups: readonly IppGroup[];
  /** What follows the attributes: the document. */
  readonly data: Uint8Array;
}

/** RFC 8010 3.5.1 and 3.5.2: what stands between attributes and inside collections. */
export const DELIMITER = {
  endOfAttributes: 0x03,
  beginCollection: 0x34,
  endCollection: 0x37,
  memberName: 0x4a,
} as const;
/** Lengths of names and values are SIGNED-SHORT (RFC 8010 3.1). */
export const MAX_LENGTH = 32_767;
