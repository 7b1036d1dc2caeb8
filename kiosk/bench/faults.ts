/** Other words people use for the same thing, IPP's keywords among them (RFC 8011 section 5.4.12). */
const SYNONYMS: Readonly<Record<string, string>> = {
  'out-of-paper': 'paper-out',
  'no-paper': 'paper-out',
  'media-empty': 'paper-out',
  'paper-jam': 'jam',
  'media-jam': 'jam',
  'door-open': 'cover-open',
  offline: 'unplugged',
  disconnected: 'unplugged',
};

/** The fault of this device that a word means, or `undefined` when the device has no such fault. */
export function faultMeant<Fault extends string>(word: string, faults: readonly Fault[]): Fault | undefined {
  const meant = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : word;
  return faults.find((fault) => fault === word) ?? faults.find((fault) => fault === meant);
}
