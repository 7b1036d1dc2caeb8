/**
 * Compares a face with the photograph on the card. A verifier may only say `match` when it has really matched;
 * whenever it is unsure, or cannot look at all, it asks for a person.
 */
export interface FaceVerifier {
  readonly name: string;
  /** `frame` is a JPEG from the kiosk's camera, `chipPhoto` the card's opaque WLT block (may be empty). */
  verify(input: { readonly frame: Uint8Array; readonly chipPhoto: Uint8Array }): Promise<FaceAnswer>;
}

export type FaceAnswer =
  | { readonly answer: 'match'; readonly score: number }
  | { readonly answer: 'ask-person'; readonly reason: 'no-matcher' | 'unsure' | 'poor-picture' };

/** The verifier of a kiosk without a calibrated matcher: a person looks, always. */
export const askAPerson: FaceVerifier = {
  name: 'ask a person',
  verify: async () => ({ answer: 'ask-person', reason: 'no-matcher' }),
};
