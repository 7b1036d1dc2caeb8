/** What a scanner saw. Its meaning is the listener's business: it may be hostile. */
export interface ScannedCode {
  readonly text: string;
  /** The AIM identifier (ISO/IEC 15424), e.g. `]Q1` for a QR code, where the scanner tells it. */
  readonly symbology: string | null;
}

/** Why something that looked like a code was not passed on. */
export type RejectedBecause =
  /** Not in the encoding that the configuration names. */
  | 'not-text'
  /** Control characters, which no code that a kiosk reads has any use for. */
  | 'control-characters'
  | 'too-long'
  /** Cut short, or its parts contradict each other. */
  | 'incomplete'
  /** An input method took keys of the burst away. */
  | 'input-method';

/** What a scanner's bytes or keys turned out to be. */
export type Decoded =
  | { readonly kind: 'code'; readonly code: ScannedCode }
  | { readonly kind: 'rejected'; readonly reason: RejectedBecause };

/** Turns what a link hands over into codes. One for each opening: halves from before a loss are joined to nothing. */
export interface CodeDecoder {
  /** `atMs`: when the chunk came, milliseconds on a steady clock. */
  push(chunk: Uint8Array, atMs: number): readonly Decoded[];
}

/** Longer than any code on paper that a kiosk reads, in bytes and in characters (a QR code of version 40 holds 4296). */
export const LONGEST_CODE = 4296;

/** A pause within one code that no scanner makes, milliseconds: what came before it was noise or was cut short. */
export const LONGEST_PAUSE_MS = 1000;

export const codeEncodings = ['utf-8', 'gb18030'] as const;
export type CodeEncoding = (typeof codeEncodings)[number];

const AIM_ID = /^\][A-Za-z][0-9A-Za-z]/;
/** ISO/IEC 15424: `]`, a letter for the symbology, a modifier. */
export const AIM_ID_LENGTH = 3;

/** Bytes as a code. `aimId`: the AIM identifier stands before the text, as the scanner has been set up to send it. */
export function decodeCode(bytes: Uint8Array, encoding: CodeEncoding, aimId: boolean): Decoded {
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { kind: 'rejected', reason: 'not-text' };
  }
  return codeOf(text, aimId);
}

/** Text as a code. */
export function codeOf(sent: string, aimId: boolean): Decoded {
  const symbology = aimId && AIM_ID.test(sent) ? sent.slice(0, AIM_ID_LENGTH) : null;
  const text = symbology === null ? sent : sent.slice(AIM_ID_LENGTH);
  if (/\p{Cc}/u.test(text)) return { kind: 'rejected', reason: 'control-characters' };
  if (text.length === 0) return { kind: 'rejected', reason: 'incomplete' };
  return { kind: 'code', code: { text, symbology } };
}

/** Three bytes as an AIM identifier, or null if they are none. */
export function aimIdOf(bytes: Uint8Array): string | null {
  const text = String.fromCharCode(...bytes);
  return bytes.length === AIM_ID_LENGTH && AIM_ID.test(text) ? text : null;
}
