/** What the four kinds of resident ID card say. Dates are `YYYY-MM-DD`. */
export type IdCard = CitizenCard | HkMacaoTaiwanCard | ForeignerCard2017 | ForeignerCard2023;

/** GB/T 2261.1: 1 male, 2 female, 0 unknown, 9 unspecified. */
export type Sex = 'male' | 'female' | 'unknown' | 'unspecified';

interface CardFields {
  /** As printed; may hold private-use characters (rare names). On foreigners' cards the Chinese name if there is one. */
  readonly name: string;
  readonly sex: Sex;
  readonly birth: string;
  readonly number: string;
  readonly validFrom: string;
  /** null: 长期, without end. */
  readonly validTo: string | null;
}

/** 居民身份证 */
export interface CitizenCard extends CardFields {
  readonly type: 'citizen';
  /** GB/T 3304. */
  readonly nation: { readonly code: string; readonly name: string };
  readonly address: string;
  readonly authority: string;
}

/** 港澳台居民居住证 */
export interface HkMacaoTaiwanCard extends CardFields {
  readonly type: 'hk-macao-taiwan';
  readonly address: string;
  readonly authority: string;
  /** 通行证号码 */
  readonly permitNumber: string;
  /** 签发次数 */
  readonly issueCount: number;
}

/** 外国人永久居留身份证, 2017 design: a number of 15 characters. */
export interface ForeignerCard2017 extends CardFields {
  readonly type: 'foreigner-2017';
  readonly englishName: string;
  /** May be empty. */
  readonly chineseName: string;
  /** ISO 3166-1 alpha-3. */
  readonly nationality: string;
  readonly authorityCode: string;
  readonly version: string;
}

/** 外国人永久居留身份证, 2023 design ("five-star card"): a number of 18 digits. */
export interface ForeignerCard2023 extends CardFields {
  readonly type: 'foreigner-2023';
  readonly englishName: string;
  /** May be empty. */
  readonly chineseName: string;
  /** ISO 3166-1 alpha-3. */
  readonly nationality: string;
  /** 换证次数 */
  readonly renewalCount: number;
}

/** One card, read once. */
export interface IdCardReading {
  readonly card: IdCard;
  /** The chip photo, WLT encoded (102 x 126 once decoded); opaque here, may be empty. */
  readonly photo: Uint8Array;
  /** Empty if the card holds none or none was asked for. */
  readonly fingerprint: Uint8Array;
  /**
   * The address that was added to the card after it was issued; null if there is none. Left out if it was not asked
   * for, or if the reader does not know the question.
   */
  readonly latestAddress?: string | null;
}
